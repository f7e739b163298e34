// Package localstack runs LocalStack's community runtime on this machine, without Docker, and the labs against it. It is a
// test and nothing else: `make test-localstack` runs it, and writes down what the server showed in
// runner/target/localstack.json, from which the documentation is made. It needs a package registry once, so that it is no
// part of `make test`.
package localstack
