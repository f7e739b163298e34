// Package localstack finds a LocalStack by its health page, or starts one with Docker and stops it again.
//
// A container that labctl starts carries labels, so that another labctl, or the same one after a crash, finds it; one
// without them is somebody else's and is never stopped. What a LocalStack can show is not decided here.
package localstack
