package local

import "errors"

var (
	// ErrGone says that the server instance asked for no longer exists: it died,
	// was stopped, or another one runs in its place. Its resources are lost.
	ErrGone = errors.New("the local AWS that held these resources is gone")

	// ErrUnresponsive says that the server's processes live but do not answer.
	// Its resources may still be there, so it is not replaced unasked.
	ErrUnresponsive = errors.New("the local AWS does not answer")

	// ErrNoPython says that no Python able to run the local AWS was found. The
	// message that wraps it says what to install.
	ErrNoPython = errors.New("no usable Python")

	// ErrInstall says that moto could not be installed into labctl's own virtual
	// environment.
	ErrInstall = errors.New("moto could not be installed")

	// ErrStart says that the server did not come up. The message that wraps it
	// carries the end of the log.
	ErrStart = errors.New("the local AWS did not start")
)
