// Package workload fills a cluster with Nodes and Services like those of real clusters, makes Nodes join, and makes them beat.
package workload

import (
	"fmt"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	cloudproviderapi "k8s.io/cloud-provider/api"

	"ccm-ts.invalid/bench/cloudsim"
)

// batchLabel says which run of the load generator made a Node.
const batchLabel = "bench.ccm-ts.invalid/batch"

// imagesPerNode is the number of images a kubelet reports by default; they are most of the 17 KB.
const imagesPerNode = 50

func nodeName(prefix string, i int) string { return fmt.Sprintf("%s-%05d", prefix, i) }

// joiningNode is a Node as a kubelet with an external cloud provider registers it.
func joiningNode(prefix string, i int) *v1.Node {
	node := kubeletNode(prefix, i)
	node.Spec.Taints = []v1.Taint{{Key: cloudproviderapi.TaintExternalCloudProvider, Value: "true", Effect: v1.TaintEffectNoSchedule}}
	return node
}

// settledNode is a Node that a cloud controller manager is done with, so that it has nothing to write.
func settledNode(prefix string, i int) *v1.Node {
	node := kubeletNode(prefix, i)
	machine := cloudsim.InstanceOf(node.Name)
	node.Spec.ProviderID = "sim://" + machine.ID
	for key, value := range map[string]string{
		v1.LabelInstanceTypeStable: machine.Type, v1.LabelInstanceType: machine.Type,
		v1.LabelTopologyRegion: machine.Region, v1.LabelFailureDomainBetaRegion: machine.Region,
		v1.LabelTopologyZone: machine.Zone, v1.LabelFailureDomainBetaZone: machine.Zone,
	} {
		node.Labels[key] = value
	}
	node.Status.Addresses = []v1.NodeAddress{
		{Type: v1.NodeInternalIP, Address: machine.InternalIP},
		{Type: v1.NodeExternalIP, Address: machine.ExternalIP},
		{Type: v1.NodeHostName, Address: node.Name},
	}
	return node
}

func kubeletNode(prefix string, i int) *v1.Node {
	name := nodeName(prefix, i)
	now := metav1.Now()
	condition := func(kind v1.NodeConditionType, status v1.ConditionStatus, reason, message string) v1.NodeCondition {
		return v1.NodeCondition{Type: kind, Status: status, LastHeartbeatTime: now, LastTransitionTime: now, Reason: reason, Message: message}
	}
	resources := v1.ResourceList{
		v1.ResourceCPU: resource.MustParse("8"), v1.ResourceMemory: resource.MustParse("32Gi"),
		v1.ResourcePods: resource.MustParse("110"), v1.ResourceEphemeralStorage: resource.MustParse("100Gi"),
	}
	node := &v1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name: name,
			Labels: map[string]string{
				v1.LabelHostname: name, v1.LabelOSStable: "linux", v1.LabelArchStable: "amd64",
				"beta.kubernetes.io/os": "linux", "beta.kubernetes.io/arch": "amd64", "pool": "general", batchLabel: prefix,
			},
			Annotations: map[string]string{
				"node.alpha.kubernetes.io/ttl":                           "0",
				"volumes.kubernetes.io/controller-managed-attach-detach": "true",
				"csi.volume.kubernetes.io/nodeid":                        `{"disk.csi.example.com":"i-` + name + `"}`,
			},
		},
		Status: v1.NodeStatus{
			Capacity: resources, Allocatable: resources,
			Conditions: []v1.NodeCondition{
				condition(v1.NodeMemoryPressure, v1.ConditionFalse, "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
				condition(v1.NodeDiskPressure, v1.ConditionFalse, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
				condition(v1.NodePIDPressure, v1.ConditionFalse, "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
				condition(v1.NodeReady, v1.ConditionTrue, "KubeletReady", "kubelet is posting ready status"),
			},
			Addresses: []v1.NodeAddress{{Type: v1.NodeInternalIP, Address: "10.1.2.3"}, {Type: v1.NodeHostName, Address: name}},
			NodeInfo: v1.NodeSystemInfo{
				MachineID: "ec2f0b0b6b1d4f4a9d2d6f7a6f0f0f0f", SystemUUID: "ec2f0b0b-6b1d-4f4a-9d2d-6f7a6f0f0f0f", BootID: "3c1d9a54-7f2b-4a3f-8e57-0d7c1a2b3c4d",
				KernelVersion: "6.8.0-1021", OSImage: "Ubuntu 24.04.1 LTS", ContainerRuntimeVersion: "containerd://2.0.1",
				KubeletVersion: "v1.36.3", OperatingSystem: "linux", Architecture: "amd64",
			},
		},
	}
	for image := range imagesPerNode {
		repository := fmt.Sprintf("registry.example.com/team-%02d/service-%02d", image%7, image)
		node.Status.Images = append(node.Status.Images, v1.ContainerImage{
			Names:     []string{fmt.Sprintf("%s@sha256:%064d", repository, image), fmt.Sprintf("%s:v1.%d.0", repository, image)},
			SizeBytes: int64(10_000_000 * image),
		})
	}
	return node
}

func serviceName(i int) string { return fmt.Sprintf("service-%05d", i) }

func loadBalancerService(i int) *v1.Service {
	name := serviceName(i)
	return &v1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"app": name}},
		Spec: v1.ServiceSpec{
			Type: v1.ServiceTypeLoadBalancer, Selector: map[string]string{"app": name},
			Ports: []v1.ServicePort{{Name: "http", Port: 80, TargetPort: intstr.FromInt32(8080)}},
		},
	}
}
