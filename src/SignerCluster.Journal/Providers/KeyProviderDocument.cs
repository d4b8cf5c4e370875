using System.Text.Json.Serialization;

namespace SignerCluster.Journal.Providers;

/// <summary>The file <c>key-provider.json</c>: version and kind, and the fields of that kind alone.</summary>
/// <param name="Kind"><c>file</c>, <c>env</c> or <c>command</c>.</param>
internal sealed record KeyProviderDocument(
    int Version, string Kind, string? Path = null, string? Variable = null, IReadOnlyList<string>? Arguments = null, int? TimeoutSeconds = null)
{
    private const int CurrentVersion = 1;

    internal static KeyProviderDocument Of(KeyProviderSettings settings) => new(
        CurrentVersion,
        settings.Kind switch { KeyProviderKind.File => "file", KeyProviderKind.Env => "env", _ => "command" },
        settings.Path,
        settings.Variable,
        settings.Arguments,
        (int?)settings.Timeout?.TotalSeconds);

    /// <summary>Throws <see cref="FormatException"/> when fields and kind do not go together.</summary>
    internal KeyProviderSettings Parse() => this switch
    {
        { Version: not CurrentVersion } => throw new FormatException($"its version is {Version}, not {CurrentVersion}"),
        { Kind: "file", Path.Length: > 0, Variable: null, Arguments: null, TimeoutSeconds: null } => new(KeyProviderKind.File, Path: Path),
        { Kind: "file" } => throw new FormatException("the kind file has a path and nothing else"),
        { Kind: "env", Path: null, Variable.Length: > 0, Arguments: null, TimeoutSeconds: null } => new(KeyProviderKind.Env, Variable: Variable),
        { Kind: "env" } => throw new FormatException("the kind env has a variable and nothing else"),
        { Kind: "command", Path: null, Variable: null, Arguments.Count: > 0 } when Arguments.All(static argument => argument is not null) =>
            new(KeyProviderKind.Command, Arguments: Arguments, Timeout: TimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null),
        { Kind: "command" } => throw new FormatException("the kind command has arguments, perhaps timeoutSeconds, and nothing else"),
        _ => throw new FormatException("kind is file, env or command"),
    };
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(KeyProviderDocument))]
internal sealed partial class KeyProviderJson : JsonSerializerContext;
