/* components/sinks.js - the plugins that take what gnswatch says to somewhere else. */
export const SINKS = ['email', 'mqtt', 'webhook', 'prometheus'];
