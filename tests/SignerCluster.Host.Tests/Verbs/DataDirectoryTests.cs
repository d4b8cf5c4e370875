using System.Diagnostics;

namespace SignerCluster.Host.Tests.Verbs;

public sealed class DataDirectoryTests(DataFixture data) : IClassFixture<DataFixture>
{
    [Fact]
    public async Task A_directory_that_does_not_exist_is_not_made_by_signing()
    {
        string absent = data.PathOf("absent");
        (await SignerProcess.RunAsync("sign", "--data", absent, "--group", data.Group, "--message", DataFixture.Message, "--json")).Failed(2, "data_missing");
        Assert.False(Directory.Exists(absent));
    }

    /// <summary>Modes do not bind root, and tests may run as root: a path below a plain file binds everyone.</summary>
    [Fact]
    public async Task A_directory_that_cannot_be_made_is_unwritable()
    {
        string file = data.Write("file", []);
        (await SignerProcess.RunAsync("keygen", "--data", Path.Combine(file, "data"), "--participants", "3", "--threshold", "2", "--json"))
            .Failed(3, "data_unwritable");
    }

    /// <summary>In a mount namespace of its own the same directory is mounted read-only.</summary>
    [FactWhereNamespacesArePermitted]
    public async Task A_read_only_file_system_is_unwritable_and_not_in_use()
    {
        Assert.Equal("data_unwritable", await RunInNamespaceAsync($"mount --bind {data.Data} {data.Data} && mount -o remount,ro,bind {data.Data}", data.Data));
    }

    [FactWhereNamespacesArePermitted]
    public async Task D2_a_full_disk_is_named_and_loses_nothing()
    {
        string copy = data.PathOf("small");
        Directory.CreateDirectory(copy);
        string code = await RunInNamespaceAsync(
            $"mount -t tmpfs -o size=8m tmpfs {copy} && cp -r {data.Data}/coordinator {data.Data}/participants {copy}/ && {{ dd if=/dev/zero of={copy}/ballast "
                + "bs=4k 2>/dev/null || true; }",
            copy);
        Assert.Equal("disk_full", code);
    }

    /// <summary>Signs after a preparation inside a private mount namespace; returns the error's code.</summary>
    private async Task<string> RunInNamespaceAsync(string prepare, string directory)
    {
        string signer = $"dotnet exec {Path.Combine(AppContext.BaseDirectory, "signer.dll")}";
        string script =
            $"{{ {prepare}; }} >&2 || exit 77; exec {signer} sign --data {directory} --group {data.Group} --message {DataFixture.Message} --allow-raw --json";
        ProcessStartInfo start = new("unshare", ["--mount", "--propagation", "private", "sh", "-c", script])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string result = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(result.Length > 0, $"exit {process.ExitCode}: {await error}");
        Ended ended = new(process.ExitCode, result, await error);
        Assert.True(ended.ExitCode == 3, $"{ended}");
        return ended.Json().GetProperty("error").GetProperty("code").GetString()!;
    }
}

/// <summary>A fact that needs a mount namespace; reported as skipped where the machine forbids them.</summary>
internal sealed class FactWhereNamespacesArePermittedAttribute : FactAttribute
{
    private static readonly Lazy<bool> _permitted = new(static () =>
    {
        using Process probe = Process.Start(
            new ProcessStartInfo("unshare", ["--mount", "--propagation", "private", "sh", "-c", "mount -t tmpfs tmpfs /mnt"])
            {
                RedirectStandardError = true,
                UseShellExecute = false,
            })!;
        probe.WaitForExit();
        return probe.ExitCode == 0;
    });

    public FactWhereNamespacesArePermittedAttribute() => Skip = _permitted.Value ? null : "Needs the right to make a mount namespace.";
}
