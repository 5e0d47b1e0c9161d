/* host/told.js - what events of gnswatch itself say that its instances do not: the backtraces of crashes and the
 * files that are refused. Pure, so events go in and lists come out. */

/* The newest crash of each instance: {instance: event}. */
export function crashesOf(events) {
    const found = {};
    for (const e of events)
        if (e.topic === 'gnswatch.instance.crashed' && !(found[e.source]?.time >= e.time))
            found[e.source] = e;
    return found;
}

const ENDS = ['gnswatch.conf.accepted', 'gnswatch.reload.done'];

/* "alert.yaml:3:5: …" in its parts; what cannot be taken apart is the text alone. */
function partsOf(event) {
    const [, file, line, column, text] = /^([^:\s][^:]*):(\d+)(?::(\d+))?: (.*)$/s.exec(event.text) ?? [];
    return { time: event.time, sequence: event.sequence, file: event.data?.file ?? file ?? '', place: file ? [file, line, column].filter(Boolean).join(':') : event.data?.file ?? '',
        text: text ?? event.text, mistakes: event.data?.mistakes ?? 1 };
}

/* Files that are refused now, the newest word on each; what was said before `since`, when gnswatch
 * started, is over. */
export function refusedOf(events, since = 0) {
    const last = new Map();
    const inOrder = events.filter((e) => e.time >= since).sort((a, b) => a.sequence - b.sequence);
    for (const e of inOrder)
        if (e.topic === 'gnswatch.conf.refused')
            last.set(e.data?.file ?? e.text, e);
        else if (e.topic === 'gnswatch.reload.done')
            last.clear();
        else if (ENDS.includes(e.topic))
            last.delete(e.data?.file);
    return [...last.values()].reverse().map(partsOf);
}
