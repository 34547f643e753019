// Starts dynalite in memory on a free loopback port; its own command line cannot ask for port 0.
'use strict'

const server = require('dynalite')()

server.on('error', error => {
  console.error(`dynalite: ${error.message}`)
  process.exit(1)
})
server.listen(0, '127.0.0.1', () => console.log(`dynalite listening on http://127.0.0.1:${server.address().port}`))
