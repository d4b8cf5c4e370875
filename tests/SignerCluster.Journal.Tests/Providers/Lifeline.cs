using System.Runtime.InteropServices;

namespace SignerCluster.Journal.Tests.Providers;

/// <summary>
/// A pipe with a name that a script opens for writing as its descriptor 9, writes its process id to, and hands down to everything that it starts.
/// It ends when the last of them is gone: that is how a test learns that all are dead without waiting for time to pass.
/// </summary>
internal sealed class Lifeline : IDisposable
{
    /// <summary>The start of a script that is given the pipe's path as its first parameter.</summary>
    internal const string Hold = "exec 9>\"$1\"; echo $$ >&9; ";
    private static readonly TimeSpan _bound = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("signer-lifeline").FullName;
    private StreamReader? _reader;

    internal Lifeline()
    {
        if (MakePipe(Path, 0x180) != 0)
        {
            throw new IOException($"mkfifo failed: errno {Marshal.GetLastPInvokeError()}.");
        }
    }

    internal string Path => System.IO.Path.Combine(_folder, "pipe");

    /// <summary>The process id of the script, which is its group's too, once it runs.</summary>
    internal async Task<int> StartedAsync()
    {
        _reader = await Task.Run(() => new StreamReader(new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))).WaitAsync(_bound);
        return int.Parse(await NextLineAsync());
    }

    /// <summary>What a holder writes next.</summary>
    internal async Task<string> NextLineAsync() => (await _reader!.ReadLineAsync().WaitAsync(_bound))!;

    /// <summary>Returns when nobody holds the pipe any more, and no process of the group lives; what else was written to it.</summary>
    internal async Task<string> DiedAsync(int group)
    {
        string rest = await _reader!.ReadToEndAsync().WaitAsync(_bound);

        // A process closes its descriptors a moment before it is counted as dead.
        long deadline = TimeProvider.System.GetTimestamp() + (10 * TimeProvider.System.TimestampFrequency);
        while (Living(group) is { Count: > 0 } living)
        {
            Assert.True(TimeProvider.System.GetTimestamp() < deadline, $"Of group {group} live on: {string.Join(", ", living)}");
            Thread.Yield();
        }

        Assert.False(Directory.Exists($"/proc/{group}"), "The child was not reaped.");
        return rest;
    }

    public void Dispose()
    {
        _reader?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static List<string> Living(int group)
    {
        List<string> living = [];
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(static path => char.IsAsciiDigit(path[^1])))
        {
            try
            {
                string stat = File.ReadAllText($"{process}/stat");
                string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                if (int.Parse(fields[2]) == group && fields[0] is not ("Z" or "X"))
                {
                    living.Add(stat);
                }
            }
            catch (IOException)
            {
                // It ended while we looked.
            }
        }

        return living;
    }

    [DllImport("libc", EntryPoint = "mkfifo", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MakePipe([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint mode);
}
