using System.Collections;

namespace SignerCluster.Protocol;

/// <summary>
/// One value for each message of a session, in the order of the messages; most often a session has one message, and a batch one value. Never empty, immutable,
/// value equality.
/// </summary>
public sealed class Batch<T> : IReadOnlyList<T>, IEquatable<Batch<T>>
    where T : notnull
{
    private readonly T[] _values;

    internal Batch(T[] values) =>
        _values = values.Length > 0 ? values : throw new ArgumentException("A batch has one value at least.", nameof(values));

    public int Count => _values.Length;

    /// <summary>The value of a batch that has only one; throws <see cref="InvalidOperationException"/> for any other.</summary>
    public T Single => _values.Length == 1 ? _values[0] : throw new InvalidOperationException($"A batch of {_values.Length} has no single value.");

    public T this[int index] => _values[index];

    public static implicit operator Batch<T>(T value) => new([value]);

    public static bool operator ==(Batch<T>? left, Batch<T>? right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(Batch<T>? left, Batch<T>? right) => !(left == right);

    /// <summary>The value for one message, where a batch of one stands for all messages alike.</summary>
    public T For(int message) => _values.Length == 1 ? _values[0] : _values[message];

    public ReadOnlySpan<T> AsSpan() => _values;

    /// <summary>Some of the values, as <c>batch[..2]</c>; at least one.</summary>
    public Batch<T> Slice(int start, int length) => new(_values[start..(start + length)]);

    public bool Equals(Batch<T>? other) => ReferenceEquals(this, other) || (other is not null && _values.AsSpan().SequenceEqual(other._values));

    public override bool Equals(object? obj) => Equals(obj as Batch<T>);

    public override int GetHashCode() => HashCode.Combine(_values.Length, _values[0], _values[^1]);

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_values).GetEnumerator();

    public override string? ToString() => _values.Length == 1 ? _values[0].ToString() : $"{_values.Length} times {typeof(T).Name}";

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Makes batches.</summary>
public static class Batch
{
    /// <summary>More values than this are computed on all cores; fewer are not worth waking another thread for.</summary>
    private const int Grain = 16;

    /// <summary>Throws <see cref="ArgumentException"/> for no value at all.</summary>
    public static Batch<T> Of<T>(IEnumerable<T> values)
        where T : notnull => new([.. values]);

    /// <summary>One value where all are equal, so that it stands for all messages; else all of them.</summary>
    public static Batch<T> Shared<T>(IEnumerable<T> values)
        where T : notnull
    {
        T[] all = [.. values];
        return new(Array.TrueForAll(all, value => value.Equals(all[0])) ? all[..1] : all);
    }

    /// <summary>Computes the value of each message, of many on all cores at once, so <paramref name="value"/> must be safe for that.</summary>
    public static Batch<T> Compute<T>(int count, Func<int, T> value)
        where T : notnull
    {
        T[] values = new T[count];
        ForEach(count, index => values[index] = value(index));
        return new(values);
    }

    /// <summary>Does it hold for every message? Asked of many on all cores at once.</summary>
    public static bool All(int count, Func<int, bool> holds)
    {
        int failed = 0;
        ForEach(count, index =>
        {
            if (Volatile.Read(ref failed) == 0 && !holds(index))
            {
                Volatile.Write(ref failed, 1);
            }
        });
        return failed == 0;
    }

    private static void ForEach(int count, Action<int> step)
    {
        if (count > Grain)
        {
            Parallel.For(0, count, step);
            return;
        }

        for (int index = 0; index < count; index++)
        {
            step(index);
        }
    }
}
