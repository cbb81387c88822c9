package workload

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	cloudproviderapi "k8s.io/cloud-provider/api"
)

// inFlight is how many requests the generator keeps going.
const inFlight = 32

// Generator makes load on one cluster.
type Generator struct {
	client kubernetes.Interface
}

// New returns a generator without a limit on its rate.
func New(kubeconfig string) (*Generator, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS, config.Burst = -1, -1
	config.ContentConfig = rest.ContentConfig{ContentType: "application/vnd.kubernetes.protobuf"}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	return &Generator{client: client}, nil
}

// Fill creates settled Nodes and Services of type LoadBalancer; what is there already stays.
func (g *Generator) Fill(ctx context.Context, prefix string, nodes, services int) error {
	err := inParallel(nodes, func(i int) error {
		_, err := g.client.CoreV1().Nodes().Create(ctx, settledNode(prefix, i), metav1.CreateOptions{})
		return ignore(err, apierrors.IsAlreadyExists)
	})
	return errors.Join(err, g.Publish(ctx, services))
}

// Empty deletes the Nodes of a prefix.
func (g *Generator) Empty(ctx context.Context, prefix string, nodes int) error {
	return inParallel(nodes, func(i int) error {
		return ignore(g.client.CoreV1().Nodes().Delete(ctx, nodeName(prefix, i), metav1.DeleteOptions{}), apierrors.IsNotFound)
	})
}

// Add creates uninitialised Nodes.
func (g *Generator) Add(ctx context.Context, prefix string, nodes int) error {
	return inParallel(nodes, func(i int) error {
		_, err := g.client.CoreV1().Nodes().Create(ctx, joiningNode(prefix, i), metav1.CreateOptions{})
		return ignore(err, apierrors.IsAlreadyExists)
	})
}

// Publish creates Services of type LoadBalancer; what is there already stays.
func (g *Generator) Publish(ctx context.Context, services int) error {
	return inParallel(services, func(i int) error {
		_, err := g.client.CoreV1().Services(metav1.NamespaceDefault).Create(ctx, loadBalancerService(i), metav1.CreateOptions{})
		return ignore(err, apierrors.IsAlreadyExists)
	})
}

// Withdraw deletes the Services without anybody's help: no finalizer holds them.
func (g *Generator) Withdraw(ctx context.Context, services int) error {
	client := g.client.CoreV1().Services(metav1.NamespaceDefault)
	return inParallel(services, func(i int) error {
		_, err := client.Patch(ctx, serviceName(i), types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{})
		if err := ignore(err, apierrors.IsNotFound); err != nil {
			return err
		}
		return ignore(client.Delete(ctx, serviceName(i), metav1.DeleteOptions{}), apierrors.IsNotFound)
	})
}

// AwaitPublished follows the Services until so many of them have an address, or the context ends, and returns how many do.
// It calls watching once nothing can escape it any more.
func (g *Generator) AwaitPublished(ctx context.Context, services int, watching func()) (int, error) {
	following, stop := context.WithCancel(ctx)
	defer stop()
	factory := informers.NewSharedInformerFactory(g.client, 0)
	informer := factory.Core().V1().Services().Informer()
	published := make(chan string, 1)
	tell := func(object any) {
		if service, ok := object.(*v1.Service); ok && len(service.Status.LoadBalancer.Ingress) > 0 {
			select {
			case published <- service.Name:
			case <-following.Done():
			}
		}
	}
	if _, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: tell, UpdateFunc: func(_, next any) { tell(next) }}); err != nil {
		return 0, err
	}
	factory.Start(following.Done())
	if !cache.WaitForCacheSync(following.Done(), informer.HasSynced) {
		return 0, errors.New("the Services could not be listed")
	}
	watching()
	return count(ctx, published, services), nil
}

// count takes names until so many different ones have come, or the context ends.
func count(ctx context.Context, names <-chan string, wanted int) int {
	seen := map[string]bool{}
	for len(seen) < wanted {
		select {
		case <-ctx.Done():
			return len(seen)
		case name := <-names:
			seen[name] = true
		}
	}
	return len(seen)
}

// Await follows the Nodes of the prefix until so many of them lost their taint, or the context ends, and returns how many did.
// It calls watching once nothing can escape it any more.
func (g *Generator) Await(ctx context.Context, prefix string, nodes int, watching func()) (int, error) {
	following, stop := context.WithCancel(ctx)
	defer stop()
	initialized, err := g.followInitialized(following, prefix)
	if err != nil {
		return 0, err
	}
	watching()
	return count(ctx, initialized, nodes), nil
}

// followInitialized tells the names of Nodes of the prefix that are initialised, some of them repeatedly. An informer does
// it, because the API server cuts a watch whose reader is slow for a moment, and an informer comes back.
func (g *Generator) followInitialized(ctx context.Context, prefix string) (<-chan string, error) {
	factory := informers.NewSharedInformerFactoryWithOptions(g.client, 0, informers.WithTweakListOptions(func(options *metav1.ListOptions) {
		options.LabelSelector = batchLabel + "=" + prefix
	}))
	informer := factory.Core().V1().Nodes().Informer()
	names := make(chan string, 1)
	tell := func(object any) {
		if node, ok := object.(*v1.Node); ok && isInitialized(node) {
			select {
			case names <- node.Name:
			case <-ctx.Done():
			}
		}
	}
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: tell, UpdateFunc: func(_, next any) { tell(next) }})
	if err != nil {
		return nil, err
	}
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return nil, errors.New("the Nodes could not be listed")
	}
	return names, nil
}

func isInitialized(node *v1.Node) bool {
	for _, taint := range node.Spec.Taints {
		if taint.Key == cloudproviderapi.TaintExternalCloudProvider {
			return false
		}
	}
	return true
}

// Beat patches the Ready condition's heartbeat, going over the Nodes of the prefix again and again.
func (g *Generator) Beat(ctx context.Context, prefix string, nodes, updates int) error {
	base := time.Now()
	return inParallel(updates, func(i int) error {
		at := base.Add(time.Duration(i) * time.Second).UTC().Format(time.RFC3339)
		patch := fmt.Sprintf(`{"status":{"conditions":[{"type":"Ready","lastHeartbeatTime":%q}]}}`, at)
		_, err := g.client.CoreV1().Nodes().Patch(ctx, nodeName(prefix, i%nodes), types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{}, "status")
		return err
	})
}

func ignore(err error, expected func(error) bool) error {
	if expected(err) {
		return nil
	}
	return err
}

// inParallel runs work for 0 … count-1 and returns the first error that a worker met, after all workers stopped.
func inParallel(count int, work func(int) error) error {
	indexes := make(chan int)
	failed := make(chan error, inFlight)
	stop := make(chan struct{})
	var stopOnce sync.Once
	var workers sync.WaitGroup
	for range inFlight {
		workers.Go(func() {
			for i := range indexes {
				if err := work(i); err != nil {
					failed <- err
					stopOnce.Do(func() { close(stop) })
					return
				}
			}
		})
	}
feed:
	for i := range count {
		select {
		case indexes <- i:
		case <-stop:
			break feed
		}
	}
	close(indexes)
	workers.Wait()
	close(failed)
	return <-failed
}
