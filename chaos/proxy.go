package main

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"
)

// weather is what a proxy does to requests: each is the chance that it happens to one.
type weather struct {
	name     string
	delay    float64 // up to slow
	slow     time.Duration
	throttle float64 // refused as AWS refuses what comes too fast; the server does not see it
	broken   float64 // answered 503, and the server does not see it
	resetOut float64 // the connection is reset before the server sees the request
	resetIn  float64 // the server has done what was asked, and its answer is lost
}

// The weathers that a command may meet. Fair is what all else is measured against.
var (
	fair   = weather{name: "fair"}
	storms = []weather{
		{name: "slow", delay: 0.3, slow: 400 * time.Millisecond},
		{name: "throttled", throttle: 0.15},
		{name: "broken", broken: 0.08},
		{name: "reset", resetOut: 0.05, resetIn: 0.02},
		{name: "all at once", delay: 0.1, slow: 300 * time.Millisecond, throttle: 0.05, broken: 0.03, resetOut: 0.02, resetIn: 0.01},
	}
)

// proxy stands between labctl and the local AWS.
type proxy struct {
	server   *http.Server
	listener net.Listener

	mu      sync.Mutex
	weather weather
	rng     *rand.Rand
	done    map[string]int // what was done to requests
}

// newProxy listens on a free port of 127.0.0.1.
func newProxy(ctx context.Context, to *url.URL, rng *rand.Rand) (*proxy, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: listener, rng: rng, weather: fair, done: map[string]int{}}
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host // S3 Control has the account in the host name
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { hangUp(w) }, // a dead server answers nothing
	}
	p.server = &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.pass(forward, w, r) })}
	go func() { _ = p.server.Serve(listener) }() // ends with Close
	return p, nil
}

func (p *proxy) port() int { return p.listener.Addr().(*net.TCPAddr).Port }

func (p *proxy) set(w weather) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.weather = w
}

func (p *proxy) close() error { return p.server.Close() }

// fate draws what happens to one request.
func (p *proxy) fate() (what string, delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.weather
	if p.rng.Float64() < w.delay {
		delay = time.Duration(p.rng.Float64() * float64(w.slow))
		p.done["delayed"]++
	}
	at := p.rng.Float64()
	for _, chance := range []struct {
		what  string
		share float64
	}{{"throttled", w.throttle}, {"broken", w.broken}, {"reset before", w.resetOut}, {"reset after", w.resetIn}} {
		if at -= chance.share; at < 0 {
			p.done[chance.what]++
			return chance.what, delay
		}
	}
	return "", delay
}

func (p *proxy) pass(forward http.Handler, w http.ResponseWriter, r *http.Request) {
	what, delay := p.fate()
	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-r.Context().Done():
			return
		}
	}
	switch what {
	case "throttled":
		throttled(w, r)
	case "broken":
		w.WriteHeader(http.StatusServiceUnavailable)
	case "reset before":
		hangUp(w)
	case "reset after":
		forward.ServeHTTP(blackHole{http.Header{}}, r)
		hangUp(w)
	default:
		forward.ServeHTTP(w, r)
	}
}

// throttled answers as AWS does, in the protocol of the request.
func throttled(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Amz-Target") != "" {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.Header().Set("X-Amzn-ErrorType", "ThrottlingException")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"__type":"ThrottlingException","message":"Rate exceeded"}`))
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write([]byte(`<?xml version="1.0"?><ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error><RequestId>r</RequestId></ErrorResponse>`))
}

// hangUp ends the connection without an answer: with a reset, not in good order.
func hangUp(w http.ResponseWriter) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		return
	}
	conn, _, err := hijacker.Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// blackHole takes an answer that nobody will get.
type blackHole struct{ header http.Header }

func (b blackHole) Header() http.Header         { return b.header }
func (b blackHole) Write(p []byte) (int, error) { return len(p), nil }
func (b blackHole) WriteHeader(int)             {}
