/* html.js - the one place that binds htm to preact and names what views use of both.
 *
 * Values put into html`` are text or attributes, never markup: there is no way to pass raw HTML. */
import { Fragment, h, render } from './vendor/preact.js';
import htm from './vendor/htm.js';

export { Fragment, render };
export { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from './vendor/hooks.js';
export { batch, computed, effect, signal, untracked, useSignal } from './vendor/signals.js';
export const html = htm.bind(h);
