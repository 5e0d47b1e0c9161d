/* export.js - what a chart shows, as a file for a spreadsheet or a script. Knows nothing of pages. */

const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/* RFC 4180: times as ISO 8601 in UTC, values as they are, nothing where there is no value. */
export function toCsv(columns, fields, unit) {
    const head = fields.map((f) => {
        const its = f.unit ?? unit;
        return quoted(its && its !== '1' ? `${f.label} (${its})` : f.label);
    });
    const rows = columns.times.map((ms, i) => [new Date(ms).toISOString(), ...fields.map((f) => columns.fields[f.name]?.[i] ?? '')].join(','));
    return `${[['time', ...head].join(','), ...rows].join('\r\n')}\r\n`;
}

/* The browser keeps `text` under a name made of `title`. */
export function saveText(title, extension, text) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
    link.download = `${title.replace(/[^\p{L}\p{N}.-]+/gu, '-').replace(/^-|-$/g, '') || 'chart'}.${extension}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
