using System.Diagnostics;
using SignerCluster.Journal.Providers;
using SignerCluster.Journal.Tests.Keys;

namespace SignerCluster.Journal.Tests.Providers;

/// <summary>K5: what a key command may answer, and what is refused. Every command is a real process.</summary>
public sealed class CommandKeyProviderTests
{
    private const string Key = KnownKey.Hex;

    [Theory]
    [InlineData("printf %s $1")]
    [InlineData("printf '%s\\n' $1")]
    [InlineData("printf '%s\\r\\n' $1")]
    [InlineData("printf %s $1 | tr a-f A-F")]
    [InlineData("printf %.31s $1; sleep 0.01; printf %s ${1#???????????????????????????????}")]
    [InlineData("echo the key is $1 >&2; printf %s $1")]
    [InlineData("i=0; while [ $i -lt 40 ]; do head -c 65536 /dev/zero >&2; i=$((i+1)); done; printf %s $1")]
    [InlineData("cat; printf %s $1")]
    [InlineData("printf %s $1; exec >&-; sleep 0.01")]
    public async Task K5_Sixty_four_digits_of_either_case_and_at_most_one_line_end_are_a_key(string script) => await KnownKey.FetchedFrom(Shell(script, Key));

    [Theory]
    [InlineData("true")]
    [InlineData("echo")]
    [InlineData("printf %.62s $1")]
    [InlineData("printf %.63s $1")]
    [InlineData("printf %sc0 $1")]
    [InlineData("printf %sc $1")]
    [InlineData("printf '%s\\n\\n' $1")]
    [InlineData("printf '%s\\r' $1")]
    [InlineData("printf '\\n%s' $1")]
    [InlineData("printf ' %s' $1")]
    [InlineData("printf '%s ' $1")]
    [InlineData("printf '%s\\n%s\\n' $1 $1")]
    [InlineData("printf '0x%s' $1")]
    [InlineData("printf '%.63sg' $1")]
    [InlineData("printf '%s\\000' $1")]
    [InlineData("printf '%.63s\\000' $1")]
    [InlineData("printf '\\000%s' $1")]
    [InlineData("printf '%.62s\\377\\376' $1")]
    [InlineData("printf '%.62s\\303\\251' $1")]
    [InlineData("printf '%.61s\\357\\274\\220' $1")]
    [InlineData("head -c 32 /dev/zero")]
    [InlineData("printf '{\"key\":\"%s\"}' $1")]
    [InlineData("printf '%s\\n' $1; sleep 0.01; printf x")]
    public async Task K5_Any_other_output_is_no_key(string script) => await KnownKey.Refused(Shell(script, Key), "key_invalid", isTransient: false);

    [Theory]
    [InlineData("printf %s $1; exit 1", "exit code 1")]
    [InlineData("printf %s $1; exit 255", "exit code 255")]
    [InlineData("printf %s $1; kill -KILL $$", "signal 9")]
    [InlineData("printf %s $1; kill -SEGV $$", "signal 11")]
    [InlineData("kill -TERM $$", "signal 15")]
    [InlineData("printf %.40s $1; exit 3", "exit code 3")]
    public async Task K5_A_command_that_fails_gives_no_key_whatever_it_printed(string script, string how)
    {
        KeyProviderException refused = await KnownKey.Refused(Shell(script, Key), "key_unavailable", isTransient: true);
        Assert.Contains(how, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task K5_A_program_that_is_not_there_or_cannot_be_run_is_said()
    {
        string folder = Directory.CreateTempSubdirectory("signer-command").FullName;
        string plain = Path.Combine(folder, "plain");
        await File.WriteAllTextAsync(plain, "#!/bin/sh\nprintf %s " + Key);
        File.SetUnixFileMode(plain, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        foreach (string program in (string[])[plain, Path.Combine(folder, "missing"), folder, Path.Combine(plain, "below")])
        {
            KeyProviderException refused = await KnownKey.Refused(
                new CommandKeyProvider([program], CommandKeyProvider.DefaultTimeout, TimeProvider.System), "key_unavailable", isTransient: false);
            Assert.Contains(program, refused.Message, StringComparison.Ordinal);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.999)]
    [InlineData(-1)]
    [InlineData(300.001)]
    public void K5_A_timeout_outside_of_1_to_300_seconds_is_refused_at_construction(double seconds)
    {
        KeyProviderException refused = Assert.Throws<KeyProviderException>(
            () => new CommandKeyProvider(["/bin/true"], TimeSpan.FromSeconds(seconds), TimeProvider.System));
        Assert.Equal("key_provider_invalid", refused.Code);
        Assert.NotNull(new CommandKeyProvider(["/bin/true"], TimeSpan.FromSeconds(1), TimeProvider.System));
        Assert.NotNull(new CommandKeyProvider(["/bin/true"], TimeSpan.FromSeconds(300), TimeProvider.System));
    }

    [Theory]
    [InlineData]
    [InlineData("")]
    [InlineData("kms")]
    [InlineData("./kms")]
    [InlineData("/bin/echo", "a\0b")]
    public void K5_A_program_is_named_by_an_absolute_path(params string[] arguments)
    {
        KeyProviderException refused = Assert.Throws<KeyProviderException>(
            () => new CommandKeyProvider(arguments, CommandKeyProvider.DefaultTimeout, TimeProvider.System));
        Assert.Equal("key_provider_invalid", refused.Code);
    }

    [Fact]
    public async Task K5_Arguments_reach_the_program_as_they_are_and_no_shell_reads_them()
    {
        string script = "[ $# -eq 3 ] && [ \"$1\" = '$(touch x); *' ] && [ -z \"$2\" ] && [ \"$3\" = 'é \"' ] && printf %s " + Key;
        await KnownKey.FetchedFrom(Shell(script, "$(touch x); *", string.Empty, "é \""));
    }

    [Fact]
    public async Task K5_The_memory_that_the_output_passed_through_is_zeroed_on_every_way_out()
    {
        string[] scripts = ["printf %s $1", "printf %s $1; exit 1", "printf %sX $1", "printf %s%s $1 $1", "printf %.40s $1", "printf %s $1; kill -KILL $$"];
        foreach (string script in scripts)
        {
            byte[]? seen = null;
            CommandKeyProvider provider = new(["/bin/sh", "-c", script, "sh", Key], CommandKeyProvider.DefaultTimeout, TimeProvider.System)
            {
                AfterWiping = memory => seen = memory.ToArray(),
            };
            try
            {
                (await provider.FetchAsync(CancellationToken.None)).Dispose();
            }
            catch (KeyProviderException)
            {
                // Which of them are refused is asked elsewhere.
            }

            Assert.Equal(new byte[KeyText.Room], seen);
        }
    }

    [Theory]
    [InlineData(KnownKey.Hex)]
    [InlineData(KnownKey.Hex + "\r\n")]
    [InlineData(KnownKey.Hex + "0")]
    [InlineData("c0ffee")]
    [InlineData("zz" + KnownKey.Hex)]
    public void K5_The_text_of_a_key_is_zeroed_when_it_is_taken_and_when_it_is_not(string text)
    {
        byte[] memory = System.Text.Encoding.ASCII.GetBytes(text);
        KeyText.Take(memory)?.Dispose();
        Assert.Equal(new byte[memory.Length], memory);
    }

    [Fact]
    public async Task K5_Children_of_the_framework_and_ours_do_not_take_each_others_ends()
    {
        static async Task Framework(int code)
        {
            using Process process = Process.Start(new ProcessStartInfo("/bin/sh") { ArgumentList = { "-c", $"exit {code}" } })!;
            await process.WaitForExitAsync();
            Assert.Equal(code, process.ExitCode);
        }

        int before = Directory.GetFileSystemEntries("/proc/self/fd").Length;
        for (int round = 0; round < 8; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 8).SelectMany(index =>
                (Task[])[Framework(index), KnownKey.FetchedFrom(Shell("printf %s $1", Key)), KnownKey.Refused(Shell("exit 5", Key), "key_unavailable")]));
        }

        // Three descriptors a call: 128 calls that lose one would show, and what other tests hold open would not.
        Assert.InRange(Directory.GetFileSystemEntries("/proc/self/fd").Length - before, int.MinValue, 100);
    }

    private static CommandKeyProvider Shell(string script, params string[] parameters) =>
        new(["/bin/sh", "-c", script, "sh", .. parameters], CommandKeyProvider.DefaultTimeout, TimeProvider.System);
}
