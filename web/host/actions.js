/* host/actions.js - what can be asked of the programs that exec runs; declared as in ../actions.js. */
import { addActions } from '../actions.js';
import { t } from '../i18n.js';

addActions({
    'exec.run': { command: 'exec.item.run', icon: 'start', text: 'action.run_now' },
    'exec.restart': { command: 'exec.item.restart', icon: 'reload', text: 'action.restart', confirm: 'confirm.exec.restart' },
    'exec.enable': { command: 'exec.item.enable', icon: 'check', text: 'action.enable', confirm: 'confirm.exec.enable' },
    'exec.ask': { command: 'exec.item.ask', icon: 'test', text: 'action.ask', confirm: 'confirm.exec.ask', words: (it) => ({ help: it.help }),
        form: (it) => ({ fixed: { id: it.id, ask: it.ask }, only: ['params'] }),
        said: (result) => (Object.keys(result).length ? JSON.stringify(result) : t('exec.answered')) },
});
