using System.Text.Json;
using SignerCluster.Journal.Documents;

namespace SignerCluster.Journal.Providers;

public enum KeyProviderKind
{
    File,
    Env,
    Command,
}

/// <summary>Which provider a node uses, as its <c>key-provider.json</c> says. No part of it is secret.</summary>
/// <param name="Path">Of the key file; for the kind <c>file</c>.</param>
/// <param name="Variable">The environment variable's name; for the kind <c>env</c>.</param>
/// <param name="Arguments">The program's absolute path and what it is given; for the kind <c>command</c>.</param>
/// <param name="Timeout">For the kind <c>command</c>; null is <see cref="CommandKeyProvider.DefaultTimeout"/>.</param>
public sealed record KeyProviderSettings(
    KeyProviderKind Kind, string? Path = null, string? Variable = null, IReadOnlyList<string>? Arguments = null, TimeSpan? Timeout = null)
{
    /// <summary>The document's name in a node's folder, or in the folder that nodes share.</summary>
    public const string FileName = "key-provider.json";
    private const string NodePlaceholder = "{node}";

    /// <summary>
    /// Reads a document for a node, such as <c>coordinator</c> or <c>participants-0</c>: its name takes the place of <c>{node}</c> in the path and in the
    /// arguments, and a relative path starts at the document's folder. Throws <see cref="DataDirectoryException"/>: <c>data_missing</c>, or <c>file_invalid</c>
    /// when a field is missing, unknown, given twice or not of that kind.
    /// </summary>
    public static KeyProviderSettings Load(string path, string node)
    {
        if (node.Length == 0 || !node.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
        {
            throw new ArgumentException($"'{node}' is not the name of a node.", nameof(node));
        }

        return Read(path).For(node, System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
    }

    /// <summary>
    /// Copies a document to another folder, durably; a relative path in it goes on meaning what it meant where the document was, and <c>{node}</c> stays.
    /// When the target is there already, it must say the same, and stays. Throws <see cref="DataDirectoryException"/>: <c>key_provider_conflict</c> when it
    /// says something else, and as <see cref="Load"/> and <see cref="Save"/>.
    /// </summary>
    public static void Install(string source, string target)
    {
        byte[] content = Read(source).From(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(source))!).ToBytes();
        if (!File.Exists(target))
        {
            DurableFile.Create(target, content);
        }
        else if (!Read(target).From(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(target))!).ToBytes().AsSpan().SequenceEqual(content))
        {
            throw new DataDirectoryException("key_provider_conflict", $"{target} is there already and says something else than {source}.", isTransient: false);
        }
    }

    /// <summary>Puts a document in the place of another, durably. Throws <see cref="DataDirectoryException"/> (<c>data_unwritable</c>).</summary>
    public static void Promote(string next, string current) => DurableFile.Rename(next, current);

    /// <summary>Writes a document that must not exist yet, durably. Throws <see cref="DataDirectoryException"/> (<c>data_unwritable</c>).</summary>
    public void Save(string path) =>
        DurableFile.Create(path, ToBytes());

    /// <summary>
    /// The provider that is described. Throws <see cref="KeyProviderException"/>: <c>key_provider_refused</c> or <c>key_provider_invalid</c>.
    /// </summary>
    public static IKeyProvider Create(KeyProviderSettings settings, Profile profile, TimeProvider time) => settings.Kind switch
    {
        KeyProviderKind.File when !string.IsNullOrEmpty(settings.Path) => new FileKeyProvider(settings.Path),
        KeyProviderKind.File => throw new KeyProviderException("key_provider_invalid", "The key provider file needs a path.", isTransient: false),
        KeyProviderKind.Env => new EnvironmentKeyProvider(settings.Variable ?? string.Empty, profile),
        _ => new CommandKeyProvider(settings.Arguments ?? [], settings.Timeout ?? CommandKeyProvider.DefaultTimeout, time),
    };

    private static KeyProviderSettings Read(string path)
    {
        try
        {
            KeyProviderDocument document = JsonSerializer.Deserialize(DurableFile.Read(path), KeyProviderJson.Default.KeyProviderDocument)
                ?? throw new FormatException("it is null");
            return document.Parse();
        }
        catch (Exception fault) when (fault is JsonException or FormatException)
        {
            throw new DataDirectoryException("file_invalid", $"{path} does not describe a key provider: {fault.Message}", isTransient: false, fault);
        }
    }

    private byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(KeyProviderDocument.Of(this), KeyProviderJson.Default.KeyProviderDocument);

    private KeyProviderSettings From(string folder) => Path is null ? this : this with { Path = System.IO.Path.GetFullPath(Path, folder) };

    private KeyProviderSettings For(string node, string folder) => this with
    {
        Path = Path is null ? null : System.IO.Path.GetFullPath(Path.Replace(NodePlaceholder, node, StringComparison.Ordinal), folder),
        Arguments = Arguments is null ? null : [.. Arguments.Select(argument => argument.Replace(NodePlaceholder, node, StringComparison.Ordinal))],
    };
}
