// npm scripts find the Node that npm installed first on their PATH. This turns a silent fall-back
// to an older system Node into a sentence.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 24 || (major === 24 && minor < 12)) {
  console.error(
    `This shop needs Node.js 24.12 or newer, but "node" is ${process.version} (${process.execPath}).\n` +
      'Run "npm ci" with npm scripts and optional dependencies enabled, or install Node.js 24.',
  )
  process.exit(1)
}
