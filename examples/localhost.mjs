// Let a Node program find *.localhost: node --import ./examples/localhost.mjs PROGRAM
//
// RFC 6761, section 6.3, gives these names to one's own machine and browsers know that, but many resolvers do not.
// With this, such names lead to 127.0.0.1 in that one process. /etc/hosts is not touched. In production there is
// nothing to map, and nothing of this is needed. localhost.py does the same for Python.

import dns from 'node:dns'

const resolve = dns.lookup

dns.lookup = (name, ...rest) => resolve(/\.localhost\.?$/i.test(name) ? '127.0.0.1' : name, ...rest)
