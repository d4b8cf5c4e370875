using System.Security.Cryptography;

namespace SignerCluster.Workbench.Cluster;

/// <summary>The folder of a development cluster: what lies where in it, and how its files are made.</summary>
internal sealed class ClusterDirectory
{
    internal const string IdentityKey = "identity.key";
    internal const string DatabasePassword = "database-password";
    internal const string OwnerPassword = "database-owner-password";
    internal const string NodeCertificate = "node";
    internal const string KeyEncryptionKey = "key-encryption.key";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerOnly | UnixFileMode.UserExecute;
    private const UnixFileMode OpenFolder =
        OwnerFolder | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    internal ClusterDirectory(string path) => Root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    internal string Root { get; }

    internal string Document => In("cluster.json");

    internal string Roster => In("roster.json");

    /// <summary>A file that is there from the beginning to the end of making a cluster.</summary>
    internal string Unfinished => In("unfinished");

    internal string Secrets => In("secrets");

    internal string Groups => In("groups");

    internal string Bundles => In("bundles");

    internal string Postgres => In("servers", "postgres");

    /// <summary>Where the process of that name writes what it has to say.</summary>
    internal string LogOf(string process) => In("logs", $"{process}.log");

    /// <summary>The folder of a party's secrets, which only the owner of the cluster may enter.</summary>
    internal string SecretsOf(string party) => In("secrets", party);

    internal string Secret(string party, string name) => Path.Join(SecretsOf(party), name);

    /// <summary>
    /// Makes the folder if it is not there, and holds it until disposed, so that two commands never work on one cluster.
    /// Throws <see cref="UnavailableException"/> <c>cluster_in_use</c> or <c>cluster_unwritable</c>.
    /// </summary>
    internal IDisposable Hold()
    {
        try
        {
            MakeOpen(Root);
            MakeOpen(In("servers"));
            MakeOpen(In("logs"));
            return new FileStream(
                In("lock"),
                new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = OwnerOnly });
        }
        catch (UnauthorizedAccessException fault)
        {
            throw new UnavailableException("cluster_unwritable", $"{Root} cannot be used: {fault.Message} Name another folder with --data DIR.");
        }
        catch (IOException fault) when (File.Exists(In("lock")))
        {
            throw new UnavailableException("cluster_in_use", $"Another signer cluster command works on {Root}: {fault.Message} Wait for it.");
        }
        catch (IOException fault)
        {
            throw new UnavailableException("cluster_unwritable", $"{Root} cannot be used: {fault.Message} Name another folder with --data DIR.");
        }
    }

    /// <summary>Removes what was made of a cluster, its servers' data included and its logs not. Nothing of it may run.</summary>
    internal void Clear()
    {
        File.Delete(Document);
        File.Delete(Roster);
        foreach (string folder in (ReadOnlySpan<string>)[Groups, Bundles, Secrets, Postgres])
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <summary>Makes a folder that only its owner may enter; leaves one that is there as it is.</summary>
    internal static void MakePrivate(string folder) => Directory.CreateDirectory(folder, OwnerFolder);

    /// <summary>Draws a password of 48 hex digits into a file with mode 0600, unless the file is there.</summary>
    internal static void DrawPassword(string path)
    {
        if (!File.Exists(path))
        {
            WritePrivate(path, RandomNumberGenerator.GetHexString(48, lowercase: true));
        }
    }

    /// <summary>Puts a file with mode 0600 in the place of one that may be there; after a crash one of both is there, whole.</summary>
    internal static void WritePrivate(string path, string content)
    {
        string temporary = $"{path}.new";
        File.Delete(temporary);
        using (StreamWriter writer = new(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        {
            writer.Write(content);
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Servers with a user of their own must be able to get here, whatever the umask of the caller.</summary>
    private static void MakeOpen(string folder)
    {
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            File.SetUnixFileMode(folder, OpenFolder);
        }
    }

    private string In(params ReadOnlySpan<string> names) => Path.Join([Root, .. names]);
}
