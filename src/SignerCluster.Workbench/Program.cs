using System.CommandLine;
using System.CommandLine.Help;
using SignerCluster.Workbench;

// The name of the launcher, which people type and which hands these verbs over.
return await CommandLineProgram.RunAsync(args, static terminal => new Command("signer", "The verbs of development.")
{
    BenchVerb.Create(terminal),
    ClusterVerb.Create(terminal),
    CertificatesVerb.Create(terminal),
    new HelpOption(),
});
