// Command ccm is the Go framework's cloud controller manager with the provider for cloudsim.
package main

import (
	"io"
	"os"

	"k8s.io/apimachinery/pkg/util/wait"
	cloudprovider "k8s.io/cloud-provider"
	"k8s.io/cloud-provider/app"
	"k8s.io/cloud-provider/app/config"
	"k8s.io/cloud-provider/names"
	"k8s.io/cloud-provider/options"
	"k8s.io/component-base/cli"
	cliflag "k8s.io/component-base/cli/flag"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	"k8s.io/klog/v2"

	"ccm-ts.invalid/bench/simprovider"
)

func main() {
	managerOptions, err := options.NewCloudControllerManagerOptions()
	if err != nil {
		klog.Fatal(err)
	}
	var sim simprovider.Options
	var flags cliflag.NamedFlagSets
	set := flags.FlagSet("cloudsim")
	set.StringVar(&sim.URL, "cloudsim-url", "", "URL of cloudsim")
	set.BoolVar(&sim.Batch, "cloudsim-batch", false, "join questions for instances within 100 ms of each other into one call")
	cloudprovider.RegisterCloudProvider(simprovider.Name, func(io.Reader) (cloudprovider.Interface, error) {
		return simprovider.New(sim), nil
	})
	initialize := func(*config.CompletedConfig) cloudprovider.Interface {
		cloud, err := cloudprovider.InitCloudProvider(simprovider.Name, "")
		if err != nil {
			klog.Fatal(err)
		}
		return cloud
	}
	command := app.NewCloudControllerManagerCommand(managerOptions, initialize, app.DefaultInitFuncConstructors, names.CCMControllerAliases(), flags, wait.NeverStop)
	os.Exit(cli.Run(command))
}
