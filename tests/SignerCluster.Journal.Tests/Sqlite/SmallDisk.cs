using System.Diagnostics;

namespace SignerCluster.Journal.Tests.Sqlite;

/// <summary>A file system in memory that is small enough to fill.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private SmallDisk(int megabytes)
    {
        if (!Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", _folder.Path))
            throw new InvalidOperationException($"tmpfs could not be mounted on {_folder.Path}.");
    }

    public string Path => _folder.Path;

    public static SmallDisk Mount(int megabytes) => new(megabytes);

    public static bool MayMount()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
            return false;
        using var folder = new TemporaryFolder();
        return Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.Path) && Run("umount", folder.Path);
    }

    /// <summary>Writes a file until nothing more fits, and returns its path.</summary>
    public string Fill()
    {
        string path = System.IO.Path.Combine(Path, "ballast");
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[] block = new byte[4096];
        try
        {
            while (true)
                file.Write(block);
        }
        catch (IOException)
        {
            return path;
        }
    }

    public void Dispose()
    {
        Run("umount", Path);
        _folder.Dispose();
    }

    private static bool Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}

/// <summary>A fact that needs a file system of its own; elsewhere it is reported as skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactWhereMountIsPermittedAttribute : FactAttribute
{
    private static readonly bool _permitted = SmallDisk.MayMount();

    public FactWhereMountIsPermittedAttribute()
    {
        if (!_permitted)
            Skip = "Mounting a tmpfs is not permitted here.";
    }
}
