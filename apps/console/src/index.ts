export { startConsole, type RunningConsole } from './start-console.js';
