using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace SignerCluster.Host.Tests.Verbs;

/// <summary>What a finished signer left behind.</summary>
internal sealed record Ended(int ExitCode, string Out, string Error)
{
    /// <summary>The one JSON object on stdout; fails the test when there is anything else.</summary>
    public JsonElement Json()
    {
        Assert.True(Out.TrimEnd().Length > 0 && !Out.TrimEnd().Contains('\n'), $"Not one line of JSON: '{Out}'. stderr: {Error}");
        return JsonDocument.Parse(Out).RootElement;
    }

    /// <summary>The result, after checking that the process said that it is done.</summary>
    public JsonElement Done()
    {
        Assert.True(ExitCode == 0, $"Exit code {ExitCode}: {Out}{Error}");
        return Json();
    }

    /// <summary>Checks exit code and error code, and returns the error.</summary>
    public JsonElement Failed(int exitCode, string code)
    {
        JsonElement error = Json().GetProperty("error");
        Assert.True(exitCode == ExitCode && error.GetProperty("code").GetString() == code, $"Exit code {ExitCode}: {Out}{Error}");
        Assert.NotEmpty(error.GetProperty("class").GetString()!);
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        return error;
    }
}

/// <summary>A real executable as a child process.</summary>
internal sealed class SignerProcess : IAsyncDisposable
{
    // A watchdog against a hang on a busy machine, never a wait.
    private static readonly TimeSpan _watchdog = TimeSpan.FromSeconds(90);
    private readonly Process _process;
    private readonly StringBuilder _error = new();
    private readonly StringBuilder _out = new();

    private SignerProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) => _error.Append(line.Data is null ? string.Empty : line.Data + "\n");
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>Whether it runs, and what it has written to stderr: for the message of a test that finds it silent.</summary>
    public string State => $"{(_process.HasExited ? $"It ended with {_process.ExitCode}" : "It runs")}. {_error}";

    public static SignerProcess Start(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, byte[]? input = null, string program = "signer.dll")
    {
        ProcessStartInfo start = new("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, program));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Remove("SIGNER_DATA");
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return Begin(start, input);
    }

    /// <summary>As <see cref="Start"/> in a mount namespace of its own, after a preparation by the shell.</summary>
    public static SignerProcess StartInNamespace(string prepare, IEnumerable<string> arguments)
    {
        string signer = $"dotnet exec {Path.Combine(AppContext.BaseDirectory, "signer.dll")} {string.Join(' ', arguments)}";
        return Begin(
            new ProcessStartInfo("unshare", ["--mount", "--propagation", "private", "sh", "-c", $"{{ {prepare}; }} >&2 || exit 77; exec {signer}"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                RedirectStandardInput = true,
                UseShellExecute = false,
            },
            input: null);
    }

    /// <summary>As <see cref="Start"/> with a limit of open files.</summary>
    public static SignerProcess StartWithFiles(int limit, string arguments) => Begin(
        new ProcessStartInfo("sh", ["-c", $"ulimit -n {limit}; exec dotnet exec {Path.Combine(AppContext.BaseDirectory, "signer.dll")} {arguments}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        },
        input: null);

    private static SignerProcess Begin(ProcessStartInfo start, byte[]? input)
    {
        SignerProcess started = new(Process.Start(start)!);
        started._process.StandardInput.BaseStream.Write(input ?? []);
        started._process.StandardInput.Close();
        return started;
    }

    public static async Task<Ended> RunAsync(params string[] arguments)
    {
        await using SignerProcess process = Start(arguments);
        return await process.WaitAsync();
    }

    public static async Task<Ended> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        await using SignerProcess process = Start(arguments, environment);
        return await process.WaitAsync();
    }

    /// <summary>The next line of stdout that contains a text.</summary>
    public async Task<string> WaitForLineAsync(string text)
    {
        using CancellationTokenSource watchdog = new(_watchdog);
        while (await _process.StandardOutput.ReadLineAsync(watchdog.Token) is { } line)
        {
            _out.AppendLine(line);
            if (line.Contains(text))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"The process ended without saying '{text}': {_out}{_error}");
    }

    public async Task<Ended> WaitAsync()
    {
        using CancellationTokenSource watchdog = new(_watchdog);
        _out.Append(await _process.StandardOutput.ReadToEndAsync(watchdog.Token));
        await _process.WaitForExitAsync(watchdog.Token);
        return new Ended(_process.ExitCode, _out.ToString(), _error.ToString());
    }

    public async Task<Ended> StopAsync(string signal = "TERM")
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{Id}"]);
        await kill.WaitForExitAsync();
        return await WaitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
