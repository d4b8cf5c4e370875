using System.Text;

namespace SignerCluster.Chaos.Proxy;

/// <summary>What is held back while the watch's action runs.</summary>
internal enum HoldAt
{
    /// <summary>The matching request: the server has not seen it.</summary>
    Request,

    /// <summary>The answer to it: the server has done what was asked, and the client does not know.</summary>
    Answer,
}

/// <summary>Waits for a text on its way to the server, and acts exactly once, at its n-th sight, before the bytes go on.</summary>
/// <param name="action">Runs while the bytes are held; what it does to the connection comes first.</param>
internal sealed class Watch(string text, int nth, HoldAt hold, Func<Task> action)
{
    private readonly byte[] _text = Encoding.UTF8.GetBytes(text);
    private int _seen;
    private int _fired;

    internal HoldAt Hold => hold;

    /// <summary>How many bytes of one piece may begin a match that the next piece ends.</summary>
    internal int Overlap => _text.Length - 1;

    /// <summary>Counts the matches in a piece; true when the one that is waited for is among them.</summary>
    internal bool Matches(ReadOnlySpan<byte> piece)
    {
        bool reached = false;
        for (int at = piece.IndexOf(_text); at >= 0; at = piece.IndexOf(_text))
        {
            piece = piece[(at + _text.Length)..];
            reached |= Interlocked.Increment(ref _seen) == nth;
        }

        return reached;
    }

    internal Task FireAsync() => Interlocked.Exchange(ref _fired, 1) == 0 ? action() : Task.CompletedTask;
}
