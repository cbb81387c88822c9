// Command load makes load on a cluster and prints what it saw as one JSON object.
//
//	load -kubeconfig FILE fill  -prefix node -nodes 5000 -services 2000
//	load -kubeconfig FILE add   -prefix fresh -nodes 1000
//	load -kubeconfig FILE await -prefix fresh -nodes 1000 -within 10m    prints {"watching":true} first, once it watches
//	load -kubeconfig FILE beat  -prefix node -nodes 5000 -updates 10000
//	load -kubeconfig FILE empty -prefix fresh -nodes 1000
//	load -kubeconfig FILE publish  -services 2000
//	load -kubeconfig FILE reach    -services 2000 -within 10m        prints {"watching":true} first, once it watches
//	load -kubeconfig FILE withdraw -services 2000
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"ccm-ts.invalid/bench/workload"
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "kubeconfig of the cluster")
	flag.Parse()
	if flag.NArg() == 0 {
		log.Fatal("say what to do: fill, add, await, beat, empty, publish, reach or withdraw")
	}
	task := flag.NewFlagSet(flag.Arg(0), flag.ExitOnError)
	prefix := task.String("prefix", "node", "start of the names of the Nodes")
	nodes := task.Int("nodes", 0, "number of Nodes")
	services := task.Int("services", 0, "number of Services")
	updates := task.Int("updates", 0, "number of heartbeats")
	within := task.Duration("within", 10*time.Minute, "when to give up")
	_ = task.Parse(flag.Args()[1:])

	generator, err := workload.New(*kubeconfig)
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), *within)
	defer cancel()
	start := time.Now()
	var result any
	switch flag.Arg(0) {
	case "fill":
		err = generator.Fill(ctx, *prefix, *nodes, *services)
	case "empty":
		err = generator.Empty(ctx, *prefix, *nodes)
	case "beat":
		err = generator.Beat(ctx, *prefix, *nodes, *updates)
	case "add":
		err = generator.Add(ctx, *prefix, *nodes)
	case "publish":
		err = generator.Publish(ctx, *services)
	case "withdraw":
		err = generator.Withdraw(ctx, *services)
	case "reach":
		var published int
		published, err = generator.AwaitPublished(ctx, *services, func() { fmt.Println(`{"watching":true}`) })
		result = map[string]int{"published": published}
	case "await":
		var initialized int
		initialized, err = generator.Await(ctx, *prefix, *nodes, func() { fmt.Println(`{"watching":true}`) })
		result = map[string]int{"initialized": initialized}
	default:
		err = fmt.Errorf("unknown task %q", flag.Arg(0))
	}
	if err != nil {
		log.Fatal(err)
	}
	if result == nil {
		result = map[string]float64{"seconds": time.Since(start).Seconds()}
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		log.Fatal(err)
	}
}
