namespace SignerCluster.Journal.Documents;

/// <summary>The kinds of documents that a node keeps beside its journal.</summary>
public enum DocumentKind
{
    /// <summary>A group's public document.</summary>
    Group,

    /// <summary>A seat's secret share, sealed under a data key of the node's key ring.</summary>
    Seat,
}

/// <summary>A document as it is stored.</summary>
/// <param name="Name">1..200 characters of <c>a-z 0-9 . _ -</c>; unique in its kind.</param>
public readonly record struct NodeDocument(string Name, ReadOnlyMemory<byte> Content);

/// <summary>
/// The documents of one operator beside its journal: a folder, or a table of the database that several nodes of the operator share. All methods throw
/// <see cref="DataDirectoryException"/> when the storage cannot be read or written.
/// </summary>
public interface INodeDocuments
{
    /// <summary>All documents of a kind, by name in ordinal order.</summary>
    ValueTask<IReadOnlyList<NodeDocument>> ReadAllAsync(DocumentKind kind, CancellationToken cancellation);

    /// <summary>Stores a new document durably; false, and nothing changed, when there is one of that name.</summary>
    ValueTask<bool> TryCreateAsync(DocumentKind kind, NodeDocument document);

    /// <summary>Replaces a document durably; false, and nothing changed, when its content is not the expected one any more.</summary>
    ValueTask<bool> TryReplaceAsync(DocumentKind kind, NodeDocument document, ReadOnlyMemory<byte> expected);

    /// <summary>Where an operator finds a document, for messages.</summary>
    string Locate(DocumentKind kind, string name) => kind == DocumentKind.Group ? $"The group document {name}" : $"The seat document {name}";
}
