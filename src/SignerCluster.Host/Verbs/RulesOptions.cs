using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SignerCluster.Host.Http;
using SignerCluster.Protocol.Guardian;

namespace SignerCluster.Host.Verbs;

/// <summary>The rules of a guardian on a command line: a file, or windows one by one.</summary>
internal sealed class RulesOptions
{
    private const int MaximumFileBytes = 64 * 1024;
    private static readonly GuardianRulesDocument _usual = new([]);
    private readonly Option<string?> _file = new("--rules") { Description = "The rules as a JSON document, as the HTTP API takes it.", HelpName = "FILE" };
    private readonly Option<string[]> _windows = new("--window")
    {
        Description = "A window in satoshis and satoshis a second; given again, a withdrawal must fit into each.",
        HelpName = "NAME=CAPACITY/REFILL",
    };
    private readonly Option<ulong?> _age = Seconds("--maximum-age", "How old a withdrawal's timestamp may be", _usual.MaximumAgeSeconds);
    private readonly Option<ulong?> _skew = Seconds("--maximum-skew", "How far it may be ahead of a clock", _usual.MaximumSkewSeconds);
    private readonly Option<ulong?> _delay =
        Seconds("--loosening-delay", "How long rules that allow more are announced before they hold", _usual.LooseningDelaySeconds);

    internal void AddTo(Command verb)
    {
        foreach (Option option in (Option[])[_file, _windows, _age, _skew, _delay])
        {
            verb.Options.Add(option);
        }
    }

    /// <summary>Throws <see cref="UsageException"/> for what is no document and no window. Whether the rules can be used is the guardian's to say.</summary>
    internal GuardianRules Read(ParseResult parsed)
    {
        string[] windows = parsed.GetValue(_windows) ?? [];
        string? file = parsed.GetValue(_file);
        bool hasTimes = ((Option<ulong?>[])[_age, _skew, _delay]).Any(option => parsed.GetValue(option) is not null);
        if ((file is null) == (windows.Length == 0) || (file is not null && hasTimes))
        {
            throw new UsageException("rules_required", "--rules, --window: give a file with all rules, or at least one window.");
        }

        GuardianRulesDocument rules = file is null
            ? new GuardianRulesDocument(
                [.. windows.Select(ParseWindow)],
                parsed.GetValue(_age) ?? _usual.MaximumAgeSeconds,
                parsed.GetValue(_skew) ?? _usual.MaximumSkewSeconds,
                parsed.GetValue(_delay) ?? _usual.LooseningDelaySeconds)
            : Load(file);
        return rules.ToRules() ?? throw new UsageException("rules_malformed", $"--rules: {file} needs a window, and each is an object.");
    }

    private static WindowDocument ParseWindow(string text) =>
        text.Split('=') is [{ } name, { } amounts]
        && amounts.Split('/') is [{ } capacity, { } refill]
        && ulong.TryParse(capacity, NumberStyles.None, CultureInfo.InvariantCulture, out ulong capacitySat)
        && ulong.TryParse(refill, NumberStyles.None, CultureInfo.InvariantCulture, out ulong refillSatPerSecond)
            ? new WindowDocument(name, capacitySat, refillSatPerSecond)
            : throw new UsageException("window_malformed", $"--window: a name, satoshis and satoshis a second, as in hour=10000000/2500, not '{text}'.");

    private static GuardianRulesDocument Load(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return file.Length <= MaximumFileBytes && JsonSerializer.Deserialize(file, HttpJson.Default.GuardianRulesDocument) is { } rules
                ? rules
                : throw new UsageException("rules_malformed", $"--rules: {path} is not a JSON object of at most {MaximumFileBytes} bytes.");
        }
        catch (JsonException malformed)
        {
            throw new UsageException(
                "rules_malformed",
                $"--rules: {path} is not the document that is expected, at {malformed.Path ?? "$"} in line {malformed.LineNumber + 1 ?? 1}. "
                    + "signer guardian configure --help shows one.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException("rules_unreadable", $"--rules: {path} cannot be read: {fault.Message}");
        }
    }

    private static Option<ulong?> Seconds(string name, string description, ulong usual) =>
        new(name) { Description = string.Create(CultureInfo.InvariantCulture, $"{description}; {usual} where not given."), HelpName = "SECONDS" };
}
