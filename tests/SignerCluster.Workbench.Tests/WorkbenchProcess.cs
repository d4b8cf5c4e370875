using SignerCluster.Host.Tests.Verbs;

namespace SignerCluster.Workbench.Tests;

/// <summary>The workbench as a child process.</summary>
internal static class WorkbenchProcess
{
    internal static async Task<Ended> RunAsync(params string[] words)
    {
        await using SignerProcess process = SignerProcess.Start(words, program: "signer-workbench.dll");
        return await process.WaitAsync();
    }
}
