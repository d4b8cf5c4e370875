namespace SignerCluster.Journal.Documents;

/// <summary>
/// Documents as files of a node's folder, <c>groups/NAME</c> and <c>seats/NAME</c>, readable by their owner only. One process at a time writes: the one that
/// holds the <see cref="DataDirectory"/>.
/// </summary>
public sealed class DocumentFolder(NodeDirectory node) : INodeDocuments
{
    /// <summary>Are there neither groups nor seats?</summary>
    public bool IsEmpty => !HasSeats && List(DocumentKind.Group).Length == 0;

    internal bool HasSeats => List(DocumentKind.Seat).Length > 0;

    public ValueTask<IReadOnlyList<NodeDocument>> ReadAllAsync(DocumentKind kind, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        IReadOnlyList<NodeDocument> found =
            [.. List(kind).Order(StringComparer.Ordinal).Select(static path => new NodeDocument(Path.GetFileName(path), DurableFile.Read(path)))];
        return new(found);
    }

    public ValueTask<bool> TryCreateAsync(DocumentKind kind, NodeDocument document)
    {
        string path = Locate(kind, document.Name);
        if (File.Exists(path))
        {
            return new(false);
        }

        DurableFile.Create(path, document.Content.Span);
        return new(true);
    }

    public ValueTask<bool> TryReplaceAsync(DocumentKind kind, NodeDocument document, ReadOnlyMemory<byte> expected)
    {
        string path = Locate(kind, document.Name);
        if (!DurableFile.Read(path).AsSpan().SequenceEqual(expected.Span))
        {
            return new(false);
        }

        DurableFile.Replace(path, document.Content.Span);
        return new(true);
    }

    public string Locate(DocumentKind kind, string name) => Path.Combine(FolderOf(kind), name);

    private string[] List(DocumentKind kind) => Directory.Exists(FolderOf(kind)) ? Directory.GetFiles(FolderOf(kind), "*.json") : [];

    private string FolderOf(DocumentKind kind) => kind == DocumentKind.Group ? node.GroupsPath : node.SeatsPath;
}
