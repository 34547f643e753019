// Stands before a DynamoDB server that accepts any signature, and accepts only good ones: the Signature Version 4 of every
// request is computed a second time by AWS's own signer for JavaScript and compared. A request that a fault endpoint edited
// on the way (it says so in X-Dynasio-Edited) cannot have a good signature: it is let through unverified and counted apart.
//
//   node signature_front.cjs --target http://127.0.0.1:PORT   listens on a free loopback port
//   node signature_front.cjs --check http://127.0.0.1:PORT    of one that runs: says how many requests were verified;
//                                                             status 1 if any was refused that should not be, or none came
//
// Its access keys: AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY; and two of tests that must be refused now and then, whose
// refusals are counted apart: NEGATIVETEST with the secret "right", SESSIONTEST with the secret "right" and the session
// token "session".
'use strict'

const crypto = require('node:crypto')
const http = require('node:http')
const { SignatureV4 } = require('@smithy/signature-v4')
const { Sha256 } = require('@aws-crypto/sha256-js')

const region = process.env.AWS_REGION || 'us-east-1'
const service = 'dynamodb'
const longestSkew = 5 * 60 * 1000
const countsPath = '/-signature-front/counts'

const accounts = {
  [process.env.AWS_ACCESS_KEY_ID || 'local']: { secret: process.env.AWS_SECRET_ACCESS_KEY || 'local' },
  NEGATIVETEST: { secret: 'right', negative: true },
  SESSIONTEST: { secret: 'right', token: 'session', negative: true },
}

// Whose refusals tests ask for: NOBODY is a key that does not exist.
const isIntended = key => Boolean(accounts[key]?.negative) || key === 'NOBODY'

// Whether a request may pass unverified. Not with those keys: a test proves with them that a changed body is refused.
const isExempt = request => request.headers['x-dynasio-edited'] !== undefined &&
  !isIntended(/Credential=([^,/\s]+)/.exec(request.headers.authorization || '')?.[1])

class Refusal extends Error {
  constructor(type, message) {
    super(message)
    this.type = type
  }
}

function parseAuthorization(text) {
  if (!text) throw new Refusal('MissingAuthenticationTokenException', 'Missing Authentication Token')
  const match = /^AWS4-HMAC-SHA256 Credential=([^,\s]+), ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{64})$/.exec(text)
  if (!match) throw new Refusal('IncompleteSignatureException', 'the Authorization header is not of the expected form')
  const [, credential, signedHeaders, signature] = match
  const scope = credential.split('/')
  if (scope.length !== 5) throw new Refusal('IncompleteSignatureException', 'the credential scope has not five parts')
  const [accessKeyId, day, scopeRegion, scopeService, terminator] = scope
  return { accessKeyId, day, scopeRegion, scopeService, terminator, signedHeaders: signedHeaders.split(';'), signature }
}

function parseDate(text) {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text || '')
  if (!match) throw new Refusal('IncompleteSignatureException', 'X-Amz-Date is missing or no date')
  const [, y, mo, d, h, mi, s] = match
  return new Date(Date.UTC(+y, mo - 1, +d, +h, +mi, +s))
}

// Throws a Refusal unless the request is signed as it must be; returns the account's access key id.
async function verify(request, body, seen) {
  const authorization = parseAuthorization(request.headers.authorization)
  seen.accessKeyId = authorization.accessKeyId
  const account = accounts[authorization.accessKeyId]
  if (!account)
    throw new Refusal('UnrecognizedClientException', 'The security token included in the request is invalid.')
  if (account.token && request.headers['x-amz-security-token'] !== account.token)
    throw new Refusal('UnrecognizedClientException', 'The security token included in the request is invalid.')

  const invalid = message => new Refusal('InvalidSignatureException', message)
  const { day, scopeRegion, scopeService, terminator, signedHeaders } = authorization
  const signingDate = parseDate(request.headers['x-amz-date'])
  if (Math.abs(Date.now() - signingDate) > longestSkew) throw invalid('Signature expired or not yet current')
  if (`${day}/${scopeRegion}/${scopeService}/${terminator}` !==
      `${request.headers['x-amz-date'].slice(0, 8)}/${region}/${service}/aws4_request`)
    throw invalid('Credential should be scoped to a valid region, service and date')
  if (signedHeaders.join(';') !== [...signedHeaders].sort().join(';')) throw invalid('SignedHeaders are not sorted')

  const mustBeSigned = Object.keys(request.headers).filter(name => name === 'host' || name.startsWith('x-amz-'))
  for (const name of mustBeSigned)
    if (!signedHeaders.includes(name)) throw invalid(`the header ${name} is not signed`)
  if (!mustBeSigned.includes('host') || !mustBeSigned.includes('x-amz-target'))
    throw invalid('there must be a Host and an X-Amz-Target')
  const claimed = request.headers['x-amz-content-sha256']
  if (claimed && claimed !== crypto.createHash('sha256').update(body).digest('hex'))
    throw invalid('x-amz-content-sha256 is not that of the body')

  const headers = {}
  for (const name of signedHeaders) {
    if (request.headers[name] === undefined) throw invalid(`the signed header ${name} is not there`)
    headers[name] = request.headers[name]
  }
  const url = new URL(request.url, 'http://localhost')
  const query = {}
  for (const name of new Set(url.searchParams.keys())) {
    const values = url.searchParams.getAll(name)
    query[name] = values.length === 1 ? values[0] : values
  }
  const signer = new SignatureV4({
    service,
    region,
    sha256: Sha256,
    applyChecksum: false,
    credentials: { accessKeyId: authorization.accessKeyId, secretAccessKey: account.secret, sessionToken: account.token },
  })
  const expected = await signer.sign(
    { method: request.method, protocol: 'http:', hostname: 'localhost', path: url.pathname, query, headers, body },
    { signingDate, signableHeaders: new Set(signedHeaders) })
  const wanted = parseAuthorization(expected.headers.authorization)
  if (wanted.signedHeaders.join(';') !== signedHeaders.join(';') || wanted.signature !== authorization.signature) {
    throw invalid('The request signature we calculated does not match the signature you provided. Check your AWS ' +
                  'Secret Access Key and signing method. Consult the service documentation for details.')
  }
}

function serve(target) {
  const upstream = new URL(target)
  const agent = new http.Agent({ keepAlive: true })
  const counts = {}
  const reasons = []
  let edited = 0
  const countOf = key => counts[key] ||= { verified: 0, refused: 0 }

  function refuse(response, refusal) {
    const body = JSON.stringify({ __type: `com.amazon.coral.service#${refusal.type}`, message: refusal.message })
    response.writeHead(400, {
      'Content-Type': 'application/x-amz-json-1.0',
      'Content-Length': Buffer.byteLength(body),
      'x-amzn-RequestId': 'signature-front',
      'x-amz-crc32': String(crc32(Buffer.from(body))),
    })
    response.end(body)
  }

  function forward(request, body, response) {
    const options = {
      host: upstream.hostname, port: upstream.port, method: request.method, path: request.url, agent,
      headers: { ...request.headers, 'content-length': body.length },
    }
    delete options.headers['transfer-encoding']
    delete options.headers.connection
    const sent = http.request(options, answer => {
      const parts = []
      answer.on('data', part => parts.push(part))
      answer.on('end', () => {
        const whole = Buffer.concat(parts)
        const headers = { ...answer.headers, 'content-length': whole.length }
        delete headers['transfer-encoding']
        delete headers.connection
        delete headers['keep-alive']
        response.sendDate = false
        response.writeHead(answer.statusCode, headers)
        response.end(whole)
      })
      answer.on('error', () => response.destroy())
    })
    sent.on('error', error => {
      // A kept connection that the server closed meanwhile: it did not see the request.
      if (error.code === 'ECONNRESET' && sent.reusedSocket) return forward(request, body, response)
      response.writeHead(502, { 'Content-Type': 'text/plain' })
      response.end(`signature front: ${error.message}\n`)
    })
    sent.end(body)
  }

  const server = http.createServer((request, response) => {
    const parts = []
    request.on('data', part => parts.push(part))
    request.on('end', async () => {
      if (request.method === 'GET' && request.url === countsPath) {
        const body = JSON.stringify({ counts, reasons, edited })
        response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) })
        return response.end(body)
      }
      const body = Buffer.concat(parts)
      if (isExempt(request)) {
        ++edited
        return forward(request, body, response)
      }
      const seen = { accessKeyId: '(none)' }
      try {
        await verify(request, body, seen)
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) refusal.type = 'InternalFailure'
        ++countOf(seen.accessKeyId).refused
        if (!isIntended(seen.accessKeyId) && reasons.length < 20)
          reasons.push(`${seen.accessKeyId} ${request.headers['x-amz-target']}: ${refusal.type}: ${refusal.message}`)
        return refuse(response, refusal)
      }
      ++countOf(seen.accessKeyId).verified
      forward(request, body, response)
    })
  })
  server.keepAliveTimeout = 60000
  server.listen(0, '127.0.0.1', () => console.log(`signature front listening on http://127.0.0.1:${server.address().port}`))
}

function check(url) {
  http.get(new URL(countsPath, url), answer => {
    let text = ''
    answer.setEncoding('utf8')
    answer.on('data', part => { text += part })
    answer.on('end', () => {
      const { counts, reasons, edited } = JSON.parse(text)
      let verified = 0
      let refused = 0
      let asIntended = 0
      for (const [key, count] of Object.entries(counts)) {
        verified += count.verified
        if (isIntended(key)) asIntended += count.refused
        else refused += count.refused
      }
      console.log(`signatures: ${verified} verified by AWS's signer, ${refused} refused, ${asIntended} refused as intended, ` +
                  `${edited} edited by tests on the way and not verified`)
      for (const reason of reasons) console.log(`  ${reason}`)
      process.exitCode = verified > 0 && refused === 0 ? 0 : 1
    })
  }).on('error', error => {
    console.error(`signature front: ${error.message}`)
    process.exitCode = 1
  })
}

const crcTable = Uint32Array.from({ length: 256 }, (_, i) => {
  for (let k = 0; k < 8; ++k) i = i & 1 ? 0xedb88320 ^ (i >>> 1) : i >>> 1
  return i >>> 0
})
function crc32(bytes) {
  let crc = ~0 >>> 0
  for (const byte of bytes) crc = crcTable[(crc ^ byte) & 255] ^ (crc >>> 8)
  return ~crc >>> 0
}

const [mode, url] = process.argv.slice(2)
if (mode === '--target' && url) serve(url)
else if (mode === '--check' && url) check(url)
else {
  console.error('usage: node signature_front.cjs --target URL | --check URL')
  process.exitCode = 2
}
