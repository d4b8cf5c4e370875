using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SignerCluster.Host.Verbs;
using Spectre.Console;

namespace SignerCluster.Host;

/// <summary>
/// Where a verb writes: results to stdout, everything else to stderr. With <c>--json</c> stdout gets exactly one object, also for an error.
/// No colour when the stream is not a terminal or <c>NO_COLOR</c> is set.
/// </summary>
public sealed class Terminal
{
    // Wide enough that no hex value of a table is broken where a program reads it.
    private const int WidthWithoutTerminal = 240;
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(2);
    private readonly bool _json;

    private Terminal(bool json, IAnsiConsole results, IAnsiConsole remarks)
    {
        _json = json;
        Results = results;
        Remarks = remarks;
    }

    /// <summary>stdout, for people. Nothing may be written to it under <c>--json</c>.</summary>
    internal IAnsiConsole Results { get; }

    /// <summary>stderr.</summary>
    internal IAnsiConsole Remarks { get; }

    /// <summary>The command that continues what this one does not finish; shown when the process ends with <see cref="ExitCode.Unavailable"/>.</summary>
    internal string? Resume { get; set; }

    internal static Terminal Open(bool json) =>
        new(json, Console(System.Console.Out, System.Console.IsOutputRedirected), Console(System.Console.Error, System.Console.IsErrorRedirected));

    /// <summary>Shows a result as lines, which are never broken, and returns <see cref="ExitCode.Done"/>.</summary>
    public int ShowLines<T>(T result, JsonTypeInfo<T> json, IEnumerable<string> lines) => Show(result, json, _ =>
    {
        foreach (string line in lines)
        {
            System.Console.Out.WriteLine(line);
        }
    });

    /// <summary>Shows a result and returns <see cref="ExitCode.Done"/>.</summary>
    public int Show<T>(T result, JsonTypeInfo<T> json, Action<IAnsiConsole> show)
    {
        if (_json)
        {
            System.Console.Out.WriteLine(JsonSerializer.Serialize(result, json));
        }
        else
        {
            show(Results);
        }

        return ExitCode.Done;
    }

    /// <summary>Tells people something beside the result.</summary>
    internal void Remark(string sentence) => Remarks.MarkupLineInterpolated($"[grey]{sentence}[/]");

    /// <summary>As <see cref="Remark"/>, in lines that are never broken.</summary>
    internal static void RemarkLines(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            System.Console.Error.WriteLine(line);
        }
    }

    /// <summary>Is a stream to be written without colour?</summary>
    internal static bool IsPlain(bool redirected) => redirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };

    /// <summary>Shows why there is no result and returns the exit code for it.</summary>
    internal int Report(Failure failure)
    {
        string? resume = failure.ExitCode == ExitCode.Unavailable ? Resume : null;
        if (_json)
        {
            Dictionary<string, string> evidence = new(failure.Evidence ?? new Dictionary<string, string>(), StringComparer.Ordinal);
            if (resume is not null)
            {
                evidence["resume"] = resume;
            }

            ErrorDocument document = new(new ErrorContent(failure.Code, failure.Class, failure.Message, evidence.Count == 0 ? null : evidence));
            System.Console.Out.WriteLine(JsonSerializer.Serialize(document, ResultJson.Readable.ErrorDocument));
            return failure.ExitCode;
        }

        Remarks.MarkupLineInterpolated($"[red]{failure.Code}[/] ({failure.Class}): {failure.Message}");
        foreach ((string name, string value) in failure.Evidence ?? new Dictionary<string, string>())
        {
            Remarks.MarkupLineInterpolated($"  {name}: {value}");
        }

        if (resume is not null)
        {
            Remarks.WriteLine("Nothing is lost. Continue with:");
            System.Console.Error.WriteLine($"  {resume}");
        }

        return failure.ExitCode;
    }

    /// <summary>Shows a result that says that something is wrong, and returns <see cref="ExitCode.Refused"/>.</summary>
    internal int ShowRefused<T>(T result, JsonTypeInfo<T> json, Action<IAnsiConsole> show)
    {
        Show(result, json, show);
        return ExitCode.Refused;
    }

    /// <summary>Shows a result that says that what was asked for does not run, and returns <see cref="ExitCode.Unavailable"/>.</summary>
    public int ShowUnavailable<T>(T result, JsonTypeInfo<T> json, Action<IAnsiConsole> show)
    {
        Show(result, json, show);
        return ExitCode.Unavailable;
    }

    /// <summary>Runs the work; shows on a terminal that it goes on once it takes longer than two seconds.</summary>
    public Task<T> WithProgressAsync<T>(string what, Func<Task<T>> work) => WithProgressAsync(what, _ => work());

    /// <summary>As the other, and shows how far the work has come where it says so.</summary>
    public async Task<T> WithProgressAsync<T>(string what, Func<WorkProgress, Task<T>> work)
    {
        WorkProgress progress = new(what);
        if (!Remarks.Profile.Out.IsTerminal)
        {
            return await work(progress);
        }

        using CancellationTokenSource done = new();
        Task<T> running = Task.Run(() => work(progress));
        if (await Task.WhenAny(running, Task.Delay(_silence, done.Token)) != running)
        {
            await Remarks.Status().StartAsync(Markup.Escape(what), status =>
            {
                progress.Show = text => status.Status(Markup.Escape(text));
#pragma warning disable VSTHRD003 // It was started a few lines above; there is no synchronization context to deadlock on.
                return Task.WhenAny(running);
#pragma warning restore VSTHRD003
            });
            progress.Show = null;
        }

        await done.CancelAsync();
        return await running;
    }

    private static IAnsiConsole Console(TextWriter writer, bool redirected)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = IsPlain(redirected) ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (redirected)
        {
            console.Profile.Width = WidthWithoutTerminal;
        }

        return console;
    }
}
