// Package local runs labctl's free local AWS: one background process that
// supervises a moto server with labctl's corrections and keeps a record of it.
//
// Three parts work together:
//
//   - A [Manager] is what commands use. It finds or makes a Python with moto,
//     starts the supervisor on demand under a file lock, and answers whether the
//     server is still the same one.
//   - [Supervise] is the body of the background process. It starts Python, records
//     pid, port and identity, notices the server's death, and ends the server when
//     its last run is gone. What is a control loop on AWS (metric filters, alarms)
//     runs there too: package loop.
//   - The folder server holds the Python side: the server and one file for each
//     correction, which names what AWS does and the documentation page. Package
//     engine lends it the checks' engines.
//
// All state of the local AWS is in memory. A server that died is therefore never
// restarted behind a run's back: its record says died, and [Manager.Verify]
// answers [ErrGone].
//
// The package is not a way to reach AWS: endpoints, credentials and capabilities
// belong to package target. It needs a Unix system.
package local
