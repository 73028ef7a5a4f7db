/** What is tested with the machine's own kernel is tested where it can be. */
export const canBatch = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64')
