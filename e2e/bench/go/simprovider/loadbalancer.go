package simprovider

import (
	"context"
	"net/http"
	"slices"

	v1 "k8s.io/api/core/v1"

	"ccm-ts.invalid/bench/cloudsim"
)

func (p *provider) GetLoadBalancerName(_ context.Context, _ string, service *v1.Service) string {
	return string(service.UID)
}

func (p *provider) GetLoadBalancer(ctx context.Context, _ string, service *v1.Service) (*v1.LoadBalancerStatus, bool, error) {
	var balancer cloudsim.LoadBalancer
	found, err := p.client.do(ctx, http.MethodGet, path(service), nil, &balancer)
	return status(balancer), found, err
}

func (p *provider) EnsureLoadBalancer(ctx context.Context, _ string, service *v1.Service, nodes []*v1.Node) (*v1.LoadBalancerStatus, error) {
	balancer, err := p.ensure(ctx, service, nodes)
	return status(balancer), err
}

func (p *provider) UpdateLoadBalancer(ctx context.Context, _ string, service *v1.Service, nodes []*v1.Node) error {
	_, err := p.ensure(ctx, service, nodes)
	return err
}

func (p *provider) EnsureLoadBalancerDeleted(ctx context.Context, _ string, service *v1.Service) error {
	_, err := p.client.do(ctx, http.MethodDelete, path(service), nil, nil)
	return err
}

// ensure reads and writes only what differs.
func (p *provider) ensure(ctx context.Context, service *v1.Service, nodes []*v1.Node) (cloudsim.LoadBalancer, error) {
	desired := cloudsim.LoadBalancer{}
	for _, node := range nodes {
		desired.Nodes = append(desired.Nodes, node.Name)
	}
	slices.Sort(desired.Nodes)
	for _, port := range service.Spec.Ports {
		desired.Ports = append(desired.Ports, port.Port)
	}
	var observed cloudsim.LoadBalancer
	found, err := p.client.do(ctx, http.MethodGet, path(service), nil, &observed)
	if err != nil {
		return observed, err
	}
	if found && slices.Equal(observed.Nodes, desired.Nodes) && slices.Equal(observed.Ports, desired.Ports) {
		return observed, nil
	}
	_, err = p.client.do(ctx, http.MethodPut, path(service), desired, &observed)
	return observed, err
}

func path(service *v1.Service) string {
	return "/lbs/" + string(service.UID)
}

func status(balancer cloudsim.LoadBalancer) *v1.LoadBalancerStatus {
	if balancer.Address == "" {
		return &v1.LoadBalancerStatus{}
	}
	return &v1.LoadBalancerStatus{Ingress: []v1.LoadBalancerIngress{{IP: balancer.Address}}}
}
