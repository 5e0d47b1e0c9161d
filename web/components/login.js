/* components/login.js - asks for a token when the API wants one. The token is not kept here: the
 * server answers with a cookie that scripts cannot read. */
import { login } from '../api.js';
import { errorText } from '../actions.js';
import { html, useEffect, useRef, useState } from '../html.js';
import { t } from '../i18n.js';
import { Logo } from '../icons.js';

export function Login({ done }) {
    const [token, setToken] = useState('');
    const [problem, setProblem] = useState('');
    const input = useRef(null);
    useEffect(() => {
        document.title = `${t('login.title')} – gnswatch`;
        input.current.focus();
    }, []);
    const submit = async (event) => {
        event.preventDefault();
        try {
            await login(token);
            done();
        } catch (error) {
            setProblem(error.status === 401 || error.status === 403 ? t('login.wrong') : errorText(error));
        }
    };
    return html`<main class="login"><form class="panel" onSubmit=${submit}>
        <p class="brand"><${Logo} /> gnswatch</p><h1>${t('login.title')}</h1><p>${t('login.text')}</p>
        <label class="field"><span>${t('login.token')}</span><input ref=${input} type="password" required
            autocomplete="current-password" value=${token} onInput=${(e) => setToken(e.target.value)}
            aria-invalid=${problem !== ''} aria-describedby="login-problem" /></label>
        <p id="login-problem" class="problem" role="alert">${problem}</p>
        <button type="submit" class="button primary">${t('login.enter')}</button></form></main>`;
}
