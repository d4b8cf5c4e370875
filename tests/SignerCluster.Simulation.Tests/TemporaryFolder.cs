namespace SignerCluster.Simulation.Tests;

/// <summary>A folder of its own for one mutant, gone with it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("signer-mutant-").FullName;

    public void Dispose() => Directory.Delete(_path, recursive: true);

    internal string PathOf(string relative)
    {
        string path = Path.Combine(_path, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }
}
