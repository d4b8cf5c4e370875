using Npgsql;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Journal.Postgres;

/// <summary>
/// Documents in a table of the party's database, shared by all its nodes: a node needs no disk of its own. Faults are those of the journal, with its codes.
/// After one while writing, whether the document was written is to be read.
/// </summary>
public sealed class PostgresDocuments(PostgresDatabase database) : INodeDocuments
{
    private const int MaximumNameLength = 200;

    public async ValueTask<IReadOnlyList<NodeDocument>> ReadAllAsync(DocumentKind kind, CancellationToken cancellation)
    {
        try
        {
            return await database.AskAsync(
                "SELECT name, content FROM signer.document WHERE kind = $1 ORDER BY name",
                static reader => new NodeDocument(reader.GetString(0), reader.GetFieldValue<byte[]>(1)),
                cancellation,
                Of(NameOf(kind)));
        }
        catch (JournalException fault)
        {
            throw Refusal(fault);
        }
    }

    public async ValueTask<bool> TryCreateAsync(DocumentKind kind, NodeDocument document)
    {
        ThrowIfNoName(document.Name);
        return await WriteAsync("SELECT signer.create_document($1, $2, $3)", Of(NameOf(kind)), Of(document.Name), Of(document.Content.ToArray()));
    }

    public async ValueTask<bool> TryReplaceAsync(DocumentKind kind, NodeDocument document, ReadOnlyMemory<byte> expected)
    {
        ThrowIfNoName(document.Name);
        return await WriteAsync(
            "SELECT signer.replace_document($1, $2, $3, $4)", Of(NameOf(kind)), Of(document.Name), Of(document.Content.ToArray()), Of(expected.ToArray()));
    }

    public string Locate(DocumentKind kind, string name) => $"The {NameOf(kind)} document {name} in {database.Settings.Address}";

    private static string NameOf(DocumentKind kind) => kind == DocumentKind.Group ? "group" : "seat";

    private static void ThrowIfNoName(string name)
    {
        bool isName = name.Length is >= 1 and <= MaximumNameLength
            && name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '_' or '-');
        if (!isName)
            throw new ArgumentException($"The name of a document is 1..{MaximumNameLength} characters of a-z 0-9 . _ -", nameof(name));
    }

    private static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };

    private static DataDirectoryException Refusal(JournalException fault) => new(fault.Code, fault.Message, fault.IsTransient, fault);

    // Once only: what was written by a first try would stand in the way of a second.
    private async ValueTask<bool> WriteAsync(string sql, params IReadOnlyList<NpgsqlParameter> parameters)
    {
        try
        {
            return (await database.AskOnceAsync(sql, static reader => reader.GetBoolean(0), CancellationToken.None, parameters))[0];
        }
        catch (JournalException fault)
        {
            throw Refusal(fault);
        }
    }
}
