/** What is used of tuf-js, in a file of its own, so that all of it is loaded when a repository is asked, and not before. */
export { Updater } from 'tuf-js';
export { DownloadHTTPError } from 'tuf-js/dist/error.js';
