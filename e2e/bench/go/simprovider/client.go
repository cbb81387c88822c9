// Package simprovider is a cloud provider for the Go framework that talks to cloudsim, written the way providers are written
// against k8s.io/cloud-provider: it is the baseline that the benchmarks compare with.
package simprovider

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"ccm-ts.invalid/bench/cloudsim"
)

var errThrottled = errors.New("the cloud throttles")

type client struct {
	url  string
	http *http.Client
}

func newClient(url string) *client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 256
	return &client{url: url, http: &http.Client{Transport: transport}}
}

// do sends one request. found is false when the cloud answers 404.
func (c *client) do(ctx context.Context, method, path string, in, out any) (found bool, err error) {
	var body io.Reader
	if in != nil {
		encoded, err := json.Marshal(in)
		if err != nil {
			return false, err
		}
		body = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, body)
	if err != nil {
		return false, err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return false, err
	}
	defer response.Body.Close()
	// A body read to its end lets the connection be used again.
	defer func() { _, _ = io.Copy(io.Discard, response.Body) }()
	switch {
	case response.StatusCode == http.StatusTooManyRequests:
		return false, errThrottled
	case response.StatusCode == http.StatusNotFound:
		return false, nil
	case response.StatusCode != http.StatusOK:
		return false, fmt.Errorf("%s %s: %s", method, path, response.Status)
	case out == nil:
		return true, nil
	}
	return true, json.NewDecoder(response.Body).Decode(out)
}

// describe returns the instances that exist, by name.
func (c *client) describe(ctx context.Context, names []string) (map[string]*cloudsim.Instance, error) {
	var instances []cloudsim.Instance
	if _, err := c.do(ctx, http.MethodGet, "/instances?names="+strings.Join(names, ","), nil, &instances); err != nil {
		return nil, err
	}
	found := make(map[string]*cloudsim.Instance, len(instances))
	for i := range instances {
		found[instances[i].Name] = &instances[i]
	}
	return found, nil
}
