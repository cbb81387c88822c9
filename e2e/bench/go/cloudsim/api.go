// Package cloudsim is a cloud behind HTTP for benchmarks: instances that exist for every name, load balancers, a latency for
// every call, a token bucket that answers 429 when it is empty, and counters that tell accepted from rejected calls.
package cloudsim

// Instance is one machine. Every name has one until it is terminated.
type Instance struct {
	Name       string `json:"name"`
	ID         string `json:"id"`
	Type       string `json:"type"`
	Zone       string `json:"zone"`
	Region     string `json:"region"`
	InternalIP string `json:"internalIP"`
	ExternalIP string `json:"externalIP"`
}

// LoadBalancer is what a client puts under a name. The address is the cloud's answer.
type LoadBalancer struct {
	Nodes   []string `json:"nodes"`
	Ports   []int32  `json:"ports"`
	Address string   `json:"address"`
}

// LoadBalancerPage is a part of the list, by name.
type LoadBalancerPage struct {
	LoadBalancers map[string]LoadBalancer `json:"loadBalancers"`
	IsLast        bool                    `json:"isLast"`
}

// MaxNamesPerCall is how many instances one call describes at most.
const MaxNamesPerCall = 100

// PageSize is how many load balancers one list call returns at most.
const PageSize = 100

// Kinds of calls, as the counters know them.
const (
	DescribeInstances  = "DescribeInstances"
	ListLoadBalancers  = "ListLoadBalancers"
	GetLoadBalancer    = "GetLoadBalancer"
	PutLoadBalancer    = "PutLoadBalancer"
	DeleteLoadBalancer = "DeleteLoadBalancer"
)

// Calls counts one kind of call.
type Calls struct {
	Accepted int64 `json:"accepted"`
	Rejected int64 `json:"rejected"`
}

// Stats is what GET /stats answers. It costs nothing and counts as nothing.
type Stats struct {
	Calls         map[string]Calls `json:"calls"`
	LoadBalancers int              `json:"loadBalancers"`
}
