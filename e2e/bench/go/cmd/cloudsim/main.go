// Command cloudsim serves the simulated cloud on a loopback port and prints its address once it listens.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"ccm-ts.invalid/bench/cloudsim"
)

func main() {
	address := flag.String("listen", "127.0.0.1:0", "address to listen on")
	latency := flag.Duration("latency", 50*time.Millisecond, "latency of every accepted call")
	callsPerSecond := flag.Float64("calls-per-second", 20, "refill of the token bucket")
	burst := flag.Int("burst", 100, "size of the token bucket")
	flag.Parse()
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	server := cloudsim.New(cloudsim.Options{Latency: *latency, CallsPerSecond: *callsPerSecond, Burst: *burst})
	log.Fatal(http.Serve(listener, server.Handler()))
}
