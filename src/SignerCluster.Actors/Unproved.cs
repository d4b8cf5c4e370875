namespace SignerCluster.Actors;

/// <summary>
/// What an activation decided without an event, and may tell only when the journal has said that nobody else wrote (D8). One question proves everything that
/// was decided before it was asked.
/// </summary>
internal sealed class Unproved<TDecided>(Action askForHead)
{
    private readonly Queue<TDecided> _decided = new();
    private int _asked;

    internal bool IsEmpty => _decided.Count == 0;

    internal void Add(TDecided decided)
    {
        _decided.Enqueue(decided);
        AskUnlessAsked();
    }

    /// <summary>The answer to the question under way proves these.</summary>
    internal List<TDecided> TakeProved()
    {
        List<TDecided> proved = [.. Enumerable.Range(0, _asked).Select(_ => _decided.Dequeue())];
        _asked = 0;
        AskUnlessAsked();
        return proved;
    }

    /// <summary>Nothing of it will be proved by this activation.</summary>
    internal List<TDecided> TakeAll()
    {
        List<TDecided> all = [.. _decided];
        _decided.Clear();
        _asked = 0;
        return all;
    }

    private void AskUnlessAsked()
    {
        if (_asked == 0 && _decided.Count > 0)
        {
            _asked = _decided.Count;
            askForHead();
        }
    }
}
