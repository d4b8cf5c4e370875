using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Policies;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Trust.Registries;

namespace SignerCluster.Host.Nodes;

/// <summary>Lets a stack of what was opened hold what closes at once too.</summary>
internal static class Opened
{
    internal static T Keep<T>(this Stack<IAsyncDisposable> opened, T disposable)
        where T : IDisposable
    {
        opened.Push(new Synchronous(disposable));
        return disposable;
    }

    /// <summary>
    /// What a node may sign, with the policies of a file that is kept open. Throws <see cref="DataDirectoryException"/> when the file cannot be used.
    /// </summary>
    internal static SigningPolicy WithPolicies(this Stack<IAsyncDisposable> opened, SigningPolicy policy, string path, ILoggerFactory logs) =>
        policy with { Spending = opened.Keep(PolicyFile.Open(path, TimeProvider.System, logs.CreateLogger<PolicyFile>())) };

    /// <summary>The registry that covenant jobs go by; null where none is configured.</summary>
    internal static IRegistry? WithRegistry(this Stack<IAsyncDisposable> opened, RegistrySettings? registry, TimeProvider time, ILoggerFactory logs) =>
        registry is null ? null : opened.Keep(RegistryFile.Open(registry, time, logs.CreateLogger<RegistryFile>()));

    private sealed class Synchronous(IDisposable disposable) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            disposable.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
