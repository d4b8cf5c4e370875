namespace SignerCluster.Host.Verbs;

/// <summary>An empty directory that only its owner can enter and that is gone, with its content, when this is disposed.</summary>
public sealed class TemporaryDirectory(string prefix) : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory(prefix).FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
