package simprovider

import (
	"context"
	"strings"

	v1 "k8s.io/api/core/v1"
	cloudprovider "k8s.io/cloud-provider"

	"ccm-ts.invalid/bench/cloudsim"
)

// Name is the provider's name and the scheme of its provider IDs.
const Name = "sim"

// Options of the provider.
type Options struct {
	URL string
	// Batch joins questions for instances, as the better providers do; otherwise every node is one call, as InstancesV2 suggests.
	Batch bool
}

type provider struct {
	client  *client
	batcher *batcher
}

var (
	_ cloudprovider.Interface    = &provider{}
	_ cloudprovider.InstancesV2  = &provider{}
	_ cloudprovider.LoadBalancer = &provider{}
)

// New returns the provider.
func New(options Options) cloudprovider.Interface {
	p := &provider{client: newClient(options.URL)}
	if options.Batch {
		p.batcher = newBatcher(p.client)
	}
	return p
}

func (p *provider) Initialize(cloudprovider.ControllerClientBuilder, <-chan struct{}) {}
func (p *provider) LoadBalancer() (cloudprovider.LoadBalancer, bool)                  { return p, true }
func (p *provider) Instances() (cloudprovider.Instances, bool)                        { return nil, false }
func (p *provider) InstancesV2() (cloudprovider.InstancesV2, bool)                    { return p, true }
func (p *provider) Zones() (cloudprovider.Zones, bool)                                { return nil, false }
func (p *provider) Clusters() (cloudprovider.Clusters, bool)                          { return nil, false }
func (p *provider) Routes() (cloudprovider.Routes, bool)                              { return nil, false }
func (p *provider) ProviderName() string                                              { return Name }
func (p *provider) HasClusterID() bool                                                { return true }

func (p *provider) InstanceExists(ctx context.Context, node *v1.Node) (bool, error) {
	instance, err := p.describe(ctx, node)
	return instance != nil, err
}

func (p *provider) InstanceShutdown(ctx context.Context, node *v1.Node) (bool, error) {
	_, err := p.describe(ctx, node)
	return false, err
}

func (p *provider) InstanceMetadata(ctx context.Context, node *v1.Node) (*cloudprovider.InstanceMetadata, error) {
	instance, err := p.describe(ctx, node)
	if err != nil {
		return nil, err
	}
	if instance == nil {
		return nil, cloudprovider.InstanceNotFound
	}
	return &cloudprovider.InstanceMetadata{
		ProviderID:   Name + "://" + instance.ID,
		InstanceType: instance.Type,
		Zone:         instance.Zone,
		Region:       instance.Region,
		NodeAddresses: []v1.NodeAddress{
			{Type: v1.NodeInternalIP, Address: instance.InternalIP},
			{Type: v1.NodeExternalIP, Address: instance.ExternalIP},
			{Type: v1.NodeHostName, Address: instance.Name},
		},
	}, nil
}

func (p *provider) describe(ctx context.Context, node *v1.Node) (*cloudsim.Instance, error) {
	name := node.Name
	if node.Spec.ProviderID != "" {
		name = strings.TrimPrefix(node.Spec.ProviderID, Name+"://i-")
	}
	if p.batcher != nil {
		return p.batcher.describe(ctx, name)
	}
	found, err := p.client.describe(ctx, []string{name})
	return found[name], err
}
