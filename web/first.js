/* first.js - the theme before the first paint, so that nothing flashes. The same as theme.js, which
 * comes later because modules do. */
{
    const kept = localStorage.getItem('gnswatch.theme');
    const dark = kept === 'dark' || (kept !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
}
