/** The fallback to an older Node is silent (npm's platform packages are optional), so it is asserted before anything runs. */
export function setup(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 22 || (major === 22 && minor < 19)) {
    throw new Error(
      `tests need Node >= 22.19, this is ${process.versions.node}: run them by "npm test", after "npm ci" without --omit=optional`,
    )
  }
}
