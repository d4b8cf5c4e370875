using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Host.Nodes;
using SignerCluster.Host.Settings;
using SignerCluster.Journal.Audit;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Host.Verbs.Operators;

/// <summary>
/// Writes a journal as JSON: one object a line, or one object with all rows. A row is
/// <c>{"ordering","entity","sequenceNumber","manifest","writer","created","keyEpoch","event"}</c>; one that cannot be read has <c>unreadable</c>, which says
/// why, and no event.
/// </summary>
internal static class Export
{
    private const int FlushAt = 1 << 16;
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Exports one node of a data directory. Returns how many rows cannot be read. Throws <see cref="UsageException"/> <c>unknown_node</c>,
    /// <see cref="KeyProviderException"/> and <see cref="JournalException"/>.
    /// </summary>
    internal static async Task<long> RunAsync(string path, string name, Stream output, bool asOneObject, CancellationToken cancellation)
    {
        using DataDirectory data = DataDirectory.Look(path);
        NodeDirectory node = DataNodes.Select(data, name)[0];
        if (!NodeJournal.IsThere(node))
        {
            return await WriteAsync(Nothing(), output, asOneObject, cancellation);
        }

        await using NodeStorage storage = await NodeStorage.LookAsync(data, node, NullLoggerFactory.Instance);
        return await WriteAsync(new JournalExport(storage.Store, storage.Keeper).ReadAsync(cancellation), output, asOneObject, cancellation);
    }

    /// <summary>
    /// Exports the journal of a cluster node's party; of one party after the other where the node has both roles. Returns how many rows cannot be read. Throws
    /// <see cref="KeyProviderException"/> and <see cref="JournalException"/>.
    /// </summary>
    internal static async Task<long> RunAsync(NodeSettings node, Stream output, bool asOneObject, CancellationToken cancellation) =>
        await WriteAsync(ReadAsync(node, cancellation), output, asOneObject, cancellation);

    private static async IAsyncEnumerable<ExportedRow> ReadAsync(NodeSettings node, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (RoleSettings role in ((RoleSettings?[])[node.Participant, node.Coordinator]).OfType<RoleSettings>())
        {
            await using PartyStorage storage = await PartyStorage.LookAsync(role, node, NullLoggerFactory.Instance, cancellation);
            await foreach (ExportedRow row in new JournalExport(storage.Journal, storage.Keeper).ReadAsync(cancellation))
            {
                yield return row;
            }
        }
    }

    /// <summary>Writes rows as they come. Returns how many of them cannot be read.</summary>
    internal static async Task<long> WriteAsync(IAsyncEnumerable<ExportedRow> rows, Stream output, bool asOneObject, CancellationToken cancellation)
    {
        long unreadable = 0;
        await using Utf8JsonWriter json = new(output, _options);
        if (asOneObject)
        {
            json.WriteStartObject();
            json.WriteStartArray("rows");
        }

        await foreach (ExportedRow row in rows.WithCancellation(cancellation))
        {
            Write(json, row);
            unreadable += row.Unreadable is null ? 0 : 1;
            if (!asOneObject)
            {
                await json.FlushAsync(cancellation);
                output.WriteByte((byte)'\n');
                json.Reset();
            }
            else if (json.BytesPending > FlushAt)
            {
                await json.FlushAsync(cancellation);
            }
        }

        if (asOneObject)
        {
            json.WriteEndArray();
            json.WriteEndObject();
            await json.FlushAsync(cancellation);
            output.WriteByte((byte)'\n');
        }

        await output.FlushAsync(cancellation);
        return unreadable;
    }

    private static void Write(Utf8JsonWriter json, ExportedRow row)
    {
        json.WriteStartObject();
        json.WriteNumber("ordering", row.Row.Ordering);
        json.WriteString("entity", row.Entity);
        json.WriteNumber("sequenceNumber", row.Row.SequenceNumber);
        json.WriteString("manifest", row.Row.Manifest);
        json.WriteString("writer", row.Row.Writer);
        json.WriteString("created", row.Row.Created.UtcDateTime);
        json.WriteNumber("keyEpoch", row.Row.KeyEpoch);
        if (row.Unreadable is { } reason)
        {
            json.WriteString("unreadable", reason);
        }
        else
        {
            json.WritePropertyName("event");
            json.WriteRawValue(row.Event.Span);
        }

        json.WriteEndObject();
    }

    private static async IAsyncEnumerable<ExportedRow> Nothing()
    {
        await Task.CompletedTask;
        yield break;
    }
}
