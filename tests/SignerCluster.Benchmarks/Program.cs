using BenchmarkDotNet.Running;
using SignerCluster.Benchmarks;

// "loop" measures without the framework's processes; everything else goes to BenchmarkDotNet, such as: --job short --filter '*'
if (args is ["loop"])
{
    PlainLoop.Run();
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(CryptoRound).Assembly).Run(args);
}
