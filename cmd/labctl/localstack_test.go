package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// fakeLocalStack is what a script's fake Docker starts in the place of a container: health pages, and behind them the
// local AWS that status.json in the directory describes. Without that file it is a LocalStack that implements STS alone.
// It writes its address into the directory, and ends when that is gone.
func fakeLocalStack(dir string) int {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	mux := http.NewServeMux()
	page := func(path, text string) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) })
	}
	page("/_localstack/health", `{"services":{"ec2":"available","iam":"available","s3":"available","sts":"available","kms":"available","logs":"available","cloudwatch":"available","cloudtrail":"available"},"edition":"community","version":"4.14.0"}`)
	page("/_localstack/info", fmt.Sprintf(`{"session_id":"%d","is_license_activated":false}`, os.Getpid()))
	mux.Handle("/", backend(dir))
	go func() {
		for { // its container would end with the machine; this one ends with the script
			if _, err := os.Stat(dir); err != nil {
				os.Exit(0)
			}
			time.Sleep(time.Second)
		}
	}()
	err = os.WriteFile(filepath.Join(dir, "address.new"), []byte(listener.Addr().String()+"\n"), 0o600)
	if err == nil {
		err = os.Rename(filepath.Join(dir, "address.new"), filepath.Join(dir, "address"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintln(os.Stderr, server.Serve(listener))
	return 1
}

func backend(dir string) http.Handler {
	var status struct{ Endpoint string }
	data, err := os.ReadFile(filepath.Join(dir, "status.json"))
	if err == nil {
		err = json.Unmarshal(data, &status)
	}
	at, parseErr := url.Parse(status.Endpoint)
	if err != nil || parseErr != nil {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := r.ParseForm(); err != nil || r.Form.Get("Action") != "GetCallerIdentity" {
				w.WriteHeader(http.StatusNotImplemented)
				return
			}
			fmt.Fprint(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>000000000000</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
		})
	}
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(at)
		r.Out.Host = r.In.Host // the account may be in it
	}}
}
