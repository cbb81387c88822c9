package cloudsim

import (
	"encoding/json"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Options say how the cloud behaves.
type Options struct {
	// Latency of every accepted call.
	Latency time.Duration
	// CallsPerSecond refill the bucket, which holds Burst calls.
	CallsPerSecond float64
	Burst          int
}

// Server holds the state of the cloud. Create it with New.
type Server struct {
	options Options
	bucket  *rate.Limiter

	mu            sync.Mutex
	calls         map[string]Calls
	terminated    map[string]bool
	loadBalancers map[string]LoadBalancer
	// nodeSets tells sets of nodes apart without comparing thousands of names, by the name of the load balancer.
	nodeSets map[string]uint64
}

// New returns a cloud without load balancers and with a full bucket.
func New(options Options) *Server {
	s := &Server{options: options}
	s.reset()
	return s
}

// Handler serves the cloud's API:
//
//	GET    /instances?names=a,b     at most 100 names or IDs; those that do not exist are left out
//	GET    /lbs?page=N              100 a page, by name
//	GET    /lbs/{name}   PUT /lbs/{name}   DELETE /lbs/{name}
//
// and for those who run the benchmark, free of charge:
//
//	GET    /stats    POST /reset    POST /terminate/{name}
//	POST   /behind   a list of names: how many load balancers have exactly these nodes
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /instances", s.charged(DescribeInstances, s.describe))
	mux.HandleFunc("GET /lbs", s.charged(ListLoadBalancers, s.list))
	mux.HandleFunc("GET /lbs/{name}", s.charged(GetLoadBalancer, s.get))
	mux.HandleFunc("PUT /lbs/{name}", s.charged(PutLoadBalancer, s.put))
	mux.HandleFunc("DELETE /lbs/{name}", s.charged(DeleteLoadBalancer, s.delete))
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) { answer(w, s.stats()) })
	mux.HandleFunc("POST /behind", s.behind)
	mux.HandleFunc("POST /reset", func(http.ResponseWriter, *http.Request) { s.reset() })
	mux.HandleFunc("POST /terminate/{name}", func(_ http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.terminated[r.PathValue("name")] = true
	})
	return mux
}

// charged takes a token for the call, or rejects it, and makes it last.
func (s *Server) charged(kind string, handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		accepted := s.take(kind)
		if !accepted {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		time.Sleep(s.options.Latency)
		handle(w, r)
	}
}

func (s *Server) take(kind string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := s.calls[kind]
	accepted := s.bucket.Allow()
	if accepted {
		calls.Accepted++
	} else {
		calls.Rejected++
	}
	s.calls[kind] = calls
	return accepted
}

func (s *Server) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bucket = rate.NewLimiter(rate.Limit(s.options.CallsPerSecond), s.options.Burst)
	s.calls = map[string]Calls{}
	s.terminated = map[string]bool{}
	s.loadBalancers = map[string]LoadBalancer{}
	s.nodeSets = map[string]uint64{}
}

func (s *Server) stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := Stats{Calls: map[string]Calls{}, LoadBalancers: len(s.loadBalancers)}
	for kind, calls := range s.calls {
		stats.Calls[kind] = calls
	}
	return stats
}

func (s *Server) describe(w http.ResponseWriter, r *http.Request) {
	names := strings.Split(r.URL.Query().Get("names"), ",")
	if len(names) > MaxNamesPerCall {
		http.Error(w, "too many names in one call", http.StatusBadRequest)
		return
	}
	found := []Instance{}
	s.mu.Lock()
	for _, name := range names {
		name = strings.TrimPrefix(name, "i-")
		if name != "" && !s.terminated[name] {
			found = append(found, InstanceOf(name))
		}
	}
	s.mu.Unlock()
	answer(w, found)
}

// InstanceOf makes up a machine; the same name always gives the same one.
func InstanceOf(name string) Instance {
	hash := fnv.New32a()
	hash.Write([]byte(name))
	zone := "r1" + string("abc"[hash.Sum32()%3])
	return Instance{Name: name, ID: "i-" + name, Type: "m5.large", Zone: zone, Region: "r1", InternalIP: "10.1.2.3", ExternalIP: "203.0.113.7"}
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	s.mu.Lock()
	names := make([]string, 0, len(s.loadBalancers))
	for name := range s.loadBalancers {
		names = append(names, name)
	}
	slices.Sort(names)
	from := min(max(page, 0)*PageSize, len(names))
	to := min(from+PageSize, len(names))
	found := LoadBalancerPage{LoadBalancers: map[string]LoadBalancer{}, IsLast: to == len(names)}
	for _, name := range names[from:to] {
		found.LoadBalancers[name] = s.loadBalancers[name]
	}
	s.mu.Unlock()
	answer(w, found)
}

func (s *Server) get(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	balancer, found := s.loadBalancers[r.PathValue("name")]
	s.mu.Unlock()
	if !found {
		http.NotFound(w, r)
		return
	}
	answer(w, balancer)
}

func (s *Server) put(w http.ResponseWriter, r *http.Request) {
	var balancer LoadBalancer
	if err := json.NewDecoder(r.Body).Decode(&balancer); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	balancer.Address = "203.0.113.9"
	set := sumOf(balancer.Nodes)
	s.mu.Lock()
	s.loadBalancers[r.PathValue("name")] = balancer
	s.nodeSets[r.PathValue("name")] = set
	s.mu.Unlock()
	answer(w, balancer)
}

func (s *Server) delete(_ http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.loadBalancers, r.PathValue("name"))
	delete(s.nodeSets, r.PathValue("name"))
}

func (s *Server) behind(w http.ResponseWriter, r *http.Request) {
	var nodes []string
	if err := json.NewDecoder(r.Body).Decode(&nodes); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	wanted := sumOf(nodes)
	count := 0
	s.mu.Lock()
	for _, set := range s.nodeSets {
		if set == wanted {
			count++
		}
	}
	s.mu.Unlock()
	answer(w, map[string]int{"loadBalancers": count})
}

// sumOf is the same for the same names in any order.
func sumOf(names []string) uint64 {
	sum := uint64(len(names))
	for _, name := range names {
		hash := fnv.New64a()
		hash.Write([]byte(name))
		sum += hash.Sum64()
	}
	return sum
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}
