using System.Runtime.InteropServices;
using SignerCluster.Conformance;
using SignerCluster.Journal.Providers;
using SignerCluster.Journal.Tests.Keys;

namespace SignerCluster.Journal.Tests.Providers;

/// <summary>K5: a key command cannot outstay its time, its caller or its answer, nor can anything that it started; and it gets nothing of ours.</summary>
public sealed class CommandKeyProviderKillTests
{
    private const string Key = KnownKey.Hex;
    private const string Forever = "while :; do sleep 1000; done";

    // 32 and 33, which have no names and which glibc leaves ignored on purpose.
    private const ulong LibcsOwnSignals = 0x180000000;
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(30);

    public static TheoryData<string> Hanging =>
    [
        Forever,
        "trap '' TERM INT HUP QUIT; " + Forever,
        "printf %s $2; " + Forever,
        "printf %s $2; exec >&-; " + Forever,
        "(trap '' TERM; " + Forever + ") & " + Forever,
        // The command itself has ended well; who holds its output could still say more.
        "printf %s $2; (trap '' TERM HUP; " + Forever + ") & exit 0",
        "printf %s $2; (trap '' TERM; (" + Forever + ") & " + Forever + ") & exit 0",
        "kill -STOP $$; " + Forever,
        "yes c0ffee >&2",
    ];

    [Theory]
    [MemberData(nameof(Hanging))]
    public async Task K5_When_the_time_is_up_the_whole_group_is_killed(string script)
    {
        using Lifeline lifeline = new();
        ManualTime time = new();
        Task<KeyProviderException> refused = KnownKey.Refused(Shell(Lifeline.Hold + script, time, lifeline.Path, Key), "key_unavailable", isTransient: true);
        int group = await lifeline.StartedAsync();
        time.Advance(_timeout - TimeSpan.FromTicks(1));
        Assert.Equal(1, time.ArmedTimers);
        time.Advance(TimeSpan.FromTicks(1));
        Assert.Contains("within 30 s", (await refused).Message, StringComparison.Ordinal);
        await lifeline.DiedAsync(group);
        Assert.Equal(0, time.ArmedTimers);
    }

    [Theory]
    [MemberData(nameof(Hanging))]
    public async Task K5_When_the_call_is_cancelled_the_whole_group_is_killed(string script)
    {
        using Lifeline lifeline = new();
        using CancellationTokenSource cancellation = new();
        CommandKeyProvider provider = Shell(Lifeline.Hold + script, new ManualTime(), lifeline.Path, Key);
        Task<OperationCanceledException> cancelled = Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await provider.FetchAsync(cancellation.Token));
        int group = await lifeline.StartedAsync();
        await cancellation.CancelAsync();
        Assert.Equal(cancellation.Token, (await cancelled).CancellationToken);
        await lifeline.DiedAsync(group);
    }

    [Theory]
    [InlineData("yes $2")]
    [InlineData("cat /dev/zero")]
    [InlineData("trap '' TERM PIPE; (yes $2) & " + Forever)]
    [InlineData("head -c 67 /dev/zero; " + Forever)]
    public async Task K5_More_output_than_a_key_ends_the_group_at_once(string script)
    {
        using Lifeline lifeline = new();
        // Time stands still: nothing but the flood itself can end this.
        Task<KeyProviderException> refused = KnownKey.Refused(
            Shell(Lifeline.Hold + script, new ManualTime(), lifeline.Path, Key), "key_invalid", isTransient: false);
        int group = await lifeline.StartedAsync();
        await refused;
        await lifeline.DiedAsync(group);
    }

    [Fact]
    public async Task K5_What_a_good_answer_leaves_running_is_killed_too()
    {
        using Lifeline lifeline = new();
        Task good = KnownKey.FetchedFrom(
            Shell(Lifeline.Hold + "(trap '' TERM HUP; exec >&-; " + Forever + ") & printf %s $2", new ManualTime(), lifeline.Path, Key));
        int group = await lifeline.StartedAsync();
        await good;
        await lifeline.DiedAsync(group);
    }

    [Fact]
    public async Task K5_A_descendant_that_left_the_group_is_not_waited_for()
    {
        using Lifeline lifeline = new();
        ManualTime time = new();
        Task<KeyProviderException> refused = KnownKey.Refused(
            Shell(Lifeline.Hold + "printf %s $2; setsid /bin/sh -c 'echo $$ >&9; exec 9>&-; exec sleep 1000' & wait", time, lifeline.Path, Key),
            "key_unavailable");
        int group = await lifeline.StartedAsync();
        string escaped = await lifeline.NextLineAsync();
        time.Advance(_timeout);
        await refused;
        await lifeline.DiedAsync(group);
        Assert.Equal(0, Kill(int.Parse(escaped), 9));
    }

    [Fact]
    public async Task K5_A_call_that_is_cancelled_beforehand_starts_nothing()
    {
        string marker = Path.Combine(Path.GetTempPath(), $"signer-{Guid.NewGuid():N}");
        using CancellationTokenSource cancellation = new();
        await cancellation.CancelAsync();
        CommandKeyProvider provider = new(["/usr/bin/touch", marker], _timeout, TimeProvider.System);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await provider.FetchAsync(cancellation.Token));
        Assert.False(File.Exists(marker));
    }

    [Fact]
    public async Task K5_The_command_gets_no_descriptor_variable_signal_or_folder_of_ours()
    {
        string folder = Directory.CreateTempSubdirectory("signer-surroundings").FullName;
        // Each in a shell of its own, so that redirecting changes nothing in the one that is looked at.
        string script = """
            (readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2 > "$1/standard")
            (ls /proc/$$/fd > "$1/descriptors")
            (tr '\0' '\n' < /proc/$$/environ > "$1/environment")
            (grep -E '^Sig(Blk|Ign)' /proc/$$/status > "$1/signals")
            (cut -d ' ' -f 1,5,6 /proc/$$/stat > "$1/session")
            (readlink /proc/$$/cwd > "$1/cwd")
            printf %s $2
            """;

        // Without close-on-exec, as a library or whoever started us may have left one.
        int leaking = Duplicate(2);
        Environment.SetEnvironmentVariable("SIGNER_TEST_SECRET", KnownKey.Hex);
        await KnownKey.FetchedFrom(Shell(script, TimeProvider.System, folder, Key));
        Environment.SetEnvironmentVariable("SIGNER_TEST_SECRET", null);
        Assert.True(leaking > 2);
        Assert.Equal(0, Close(leaking));

        string[] Recorded(string name) => File.ReadAllLines(Path.Combine(folder, name));
        Assert.Equal(["/dev/null", "/dev/null"], Recorded("standard").Where(static (_, index) => index != 1));
        Assert.StartsWith("pipe:", Recorded("standard")[1], StringComparison.Ordinal);
        Assert.Equal(["0", "1", "2"], Recorded("descriptors"));
        Assert.Subset(
            new HashSet<string>(StringComparer.Ordinal) { "PATH", "LANG", "HOME" },
            Recorded("environment").Select(static line => line.Split('=')[0]).ToHashSet(StringComparer.Ordinal));
        Assert.All(Recorded("signals"), static line => Assert.Equal(0UL, Convert.ToUInt64(line.Split('\t')[1], 16) & ~LibcsOwnSignals));
        Assert.Equal(2, Recorded("signals").Length);
        Assert.Single(Recorded("session").Single().Split(' ').Distinct());
        Assert.Equal(["/"], Recorded("cwd"));
        Directory.Delete(folder, recursive: true);
    }

    private static CommandKeyProvider Shell(string script, TimeProvider time, params string[] parameters) =>
        new(["/bin/sh", "-c", script, "sh", .. parameters], _timeout, time);

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);

    [DllImport("libc", EntryPoint = "dup")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Duplicate(int descriptor);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
}
