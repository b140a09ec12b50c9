/**
 * Brings Node clients of the vendor's APIs through the forward proxy: `node --require <this file>`, or by NODE_OPTIONS.
 *
 * The vendor's SDKs for Node make connections of their own and read no HTTPS_PROXY, unlike those for Go and Python.
 * So this stands where Node opens connections, and leads those to the vendor's hosts through the proxy that HTTPS_PROXY
 * and HTTP_PROXY name. Connections to all other hosts are left as they are. It is plain CommonJS with no imports of
 * ours, because it runs in other people's processes.
 */
const http = require('node:http')
const https = require('node:https')
const net = require('node:net')

const vendorHost = /\.aliyuncs\.com\.?$/i

function findProxy(name) {
  const value = process.env[name] || process.env[name.toLowerCase()]
  return value ? new URL(value.includes('://') ? value : `http://${value}`) : undefined
}

/** Opens a tunnel and calls back with its socket. */
function openTunnel(proxy, target, done) {
  const request = http.request({
    // An agent would come back here for the connection to the proxy.
    agent: false,
    host: proxy.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: proxy.port || 80,
    method: 'CONNECT',
    path: target,
    headers: { host: target },
  })
  request.once('error', done)
  request.once('connect', (response, socket) => {
    if (response.statusCode === 200) return done(null, socket)
    socket.destroy()
    done(new Error(`the proxy ${proxy.host} answered ${response.statusCode} for ${target}`))
  })
  request.end()
}

function lead(agentClass, variable, defaultPort, finish) {
  const createConnection = agentClass.prototype.createConnection
  agentClass.prototype.createConnection = function (...args) {
    const [options, done] = args
    const host = options?.host
    const proxy = typeof host === 'string' && vendorHost.test(host) ? findProxy(variable) : undefined
    if (proxy === undefined || typeof done !== 'function') return createConnection.apply(this, args)
    openTunnel(proxy, `${host}:${options.port || defaultPort}`, (error, socket) => {
      if (error) return done(error)
      done(
        null,
        finish((tlsOptions) => createConnection.call(this, tlsOptions), options, socket),
      )
    })
  }
}

lead(http.Agent, 'HTTP_PROXY', 80, (_create, _options, socket) => socket)
lead(https.Agent, 'HTTPS_PROXY', 443, (create, options, socket) => create({ ...options, socket }))

// Agents with a copy of Node's old code (agentkeepalive 3, which ali-oss uses) take plain sockets from here and expect
// them at once, so there is no time for a tunnel. Our listener answers for the host that the request names.
const createSocket = net.createConnection
net.createConnection = net.connect = function (...args) {
  const [options, ...rest] = args
  const isVendors = typeof options?.host === 'string' && vendorHost.test(options.host) && Number(options.port) === 80
  const proxy = isVendors ? findProxy('HTTP_PROXY') : undefined
  if (proxy === undefined) return createSocket.apply(this, args)
  const host = proxy.hostname.replace(/^\[(.*)\]$/, '$1')
  return createSocket.call(this, { ...options, host, port: proxy.port || 80, lookup: undefined }, ...rest)
}
